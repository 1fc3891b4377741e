module csvput

go 1.26.0

// What the program is made of.
require (
	github.com/gocarina/gocsv v0.0.0-20240520201108-78e41c74b4b1 // rows of CSV files to structs and back
	github.com/gofrs/flock v0.13.2 // locks that go with the process, on every system
	github.com/google/uuid v1.6.0 // ids as people write them
	github.com/nyaruka/phonenumbers/v2 v2.0.7 // numbering plans of all countries (libphonenumber)
	github.com/schollz/progressbar/v3 v3.19.1 // the bar
	github.com/urfave/cli/v3 v3.14.0 // commands, options and their completion in shells
	github.com/zalando/go-keyring v0.2.8 // the access token in the system's own keyring
	go.yaml.in/yaml/v3 v3.0.6 // settings files
	golang.org/x/sync v0.24.0 // errgroup: goroutines that end with the first error
	golang.org/x/sys v0.49.0 // consoles and processes of Windows
	golang.org/x/term v0.47.0 // is it a terminal, how wide, and a token that is not shown
	golang.org/x/text v0.43.0 // encodings of files, accents and letter cases of names
	golang.org/x/time v0.16.0 // the limiter
)

// What only tests need; none of it is in the program.
require (
	github.com/chromedp/cdproto v0.159.0 // types of chromedp
	github.com/chromedp/chromedp v0.23.0 // the report's page in a browser
	github.com/creack/pty v1.1.24 // a terminal to type into
	github.com/rogpeppe/go-internal v1.16.0 // testscript: command lines as tests
	github.com/xuri/excelize/v2 v2.11.1 // a second opinion on workbooks
)

require (
	github.com/danieljoos/wincred v1.2.3 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/godbus/dbus/v5 v5.2.2 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/richardlehane/mscfb v1.0.9 // indirect
	github.com/richardlehane/msoleps v1.0.6 // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	github.com/tiendc/go-deepcopy v1.7.2 // indirect
	github.com/xuri/efp v0.0.3-0.20260924042702-217b81952dec // indirect
	github.com/xuri/nfp v0.0.2-0.20250530014748-2ddeb826f9a9 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
	google.golang.org/protobuf v1.36.11 // indirect
)
