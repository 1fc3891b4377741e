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
#
# The images below are named by their digests, those of all platforms together: the same commit makes the same image.
# docker buildx imagetools inspect IMAGE:TAG prints the present one.
ARG BINARY=source

FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3aff6657219a4d9c14e27fb1d8976c49c29fddb70ba835014f477e1c70636647 AS source
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
# With .git, from which the toolchain takes the version, see .dockerignore.
COPY . .
ARG TARGETOS TARGETARCH
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags='-s -w' -o /out/csvput . \
    && .ci/notices >/out/THIRD_PARTY_NOTICES && mkdir /out/data

FROM scratch AS prebuilt
ARG TARGETPLATFORM
COPY $TARGETPLATFORM/csvput dist/extra/THIRD_PARTY_NOTICES /out/
WORKDIR /out/data

FROM $BINARY AS binary

FROM gcr.io/distroless/static-debian12:debug-nonroot@sha256:d5563cc7f2f44313f332e91138cc8c6a158899afeeeab2fce3b0f9ccdb3cf9ee AS schedule
COPY --from=binary /out/csvput /usr/local/bin/
COPY --from=binary /out/THIRD_PARTY_NOTICES /usr/share/doc/csvput/
# A named volume takes over that the user of the image may write there.
COPY --from=binary --chown=65532:65532 /out/data /data
COPY samples/schedule/csvput-schedule.sh /usr/local/bin/
WORKDIR /data
ENTRYPOINT ["/busybox/sh", "/usr/local/bin/csvput-schedule.sh"]

FROM gcr.io/distroless/static-debian12:nonroot@sha256:afa5c872c891853ca7fcf1f12c3edb23f7eeef36189728842dd51042ff57f7ab AS csvput
COPY --from=binary /out/csvput /usr/local/bin/
COPY --from=binary /out/THIRD_PARTY_NOTICES /usr/share/doc/csvput/
COPY --from=binary --chown=65532:65532 /out/data /data
WORKDIR /data
ENTRYPOINT ["/usr/local/bin/csvput"]
CMD ["--help"]
