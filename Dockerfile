# csvput in a container: no shell, no package manager, not root; certificates and time zones are there.
#
#   docker build --tag csvput .
#   docker run --rm --interactive --tty --env CSVPUT_TOKEN --user "$(id -u):$(id -g)" --volume "$PWD:/data" csvput run contacts.csv
#
# /data is the working directory: put the file there, and the folder of the run appears beside it. With
# --user it is yours; without, the user is 65532, who must be able to write there. CSVPUT_TOKEN is taken
# from your environment by its name alone, so the token stands on no command line.
#
# docker build --target schedule makes the image of samples/schedule/kubernetes: with a small shell
# (busybox) and csvput-schedule.sh.
#
# BINARY=source compiles the working tree; BINARY=prebuilt takes linux/amd64/csvput and so on from the
# build context, which is how a release is made.
ARG BINARY=source

FROM --platform=$BUILDPLATFORM golang:1.26 AS source
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
# With .git, from which the toolchain takes the version, see .dockerignore.
COPY . .
ARG TARGETOS TARGETARCH
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags='-s -w' -o /out/csvput . && mkdir /out/data

FROM scratch AS prebuilt
ARG TARGETPLATFORM
COPY $TARGETPLATFORM/csvput /out/csvput
WORKDIR /out/data

FROM $BINARY AS binary

FROM gcr.io/distroless/static-debian12:debug-nonroot AS schedule
COPY --from=binary /out/csvput /usr/local/bin/
# A named volume takes over that the user of the image may write there.
COPY --from=binary --chown=65532:65532 /out/data /data
COPY samples/schedule/csvput-schedule.sh /usr/local/bin/
WORKDIR /data
ENTRYPOINT ["/busybox/sh", "/usr/local/bin/csvput-schedule.sh"]

FROM gcr.io/distroless/static-debian12:nonroot AS csvput
COPY --from=binary /out/csvput /usr/local/bin/
COPY --from=binary --chown=65532:65532 /out/data /data
WORKDIR /data
ENTRYPOINT ["/usr/local/bin/csvput"]
CMD ["--help"]
