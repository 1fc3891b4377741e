package importer_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"csvput/importer/rows"
	"csvput/importer/sandbox"
	"csvput/report"
)

// TestMain makes the test binary one of the programs that .ci/bench measures csvput against, if its first argument says
// so, or the one that measures them.
func TestMain(m *testing.M) {
	programs := map[string]func(args []string) error{
		"measure": measureAll, "contacts": writeContacts, "wishes": writeWishes, "naive": naiveFile, "agree": agreeFiles,
		"server": serveEcho, "bare": bareFile,
	}
	if len(os.Args) > 1 && programs[os.Args[1]] != nil {
		if err := programs[os.Args[1]](os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, os.Args[1]+":", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// cost is what one process took.
type cost struct {
	wall, cpu time.Duration
	mib       float64 // of memory, at most at once
}

// bench measures whole processes. It holds nothing large itself: Linux counts that to the processes that it starts.
type bench struct {
	self, dir string
	env       []string
}

// measureAll is .ci/bench, in a directory that holds csvput and vegeta and where it leaves its files. Programs that are
// compared take turns, and medians count.
func measureAll(args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	b := &bench{self: self, dir: args[0], env: append(os.Environ(), "HOME="+args[0], "CSVPUT_TOKEN="+sandbox.DefaultToken, "CSVPUT_RATE=unlimited", "CSVPUT_WORKERS=16")}
	return errors.Join(b.check(300_000, 5), b.check(1_000_000, 3), b.send(60_000, 7), b.stages("contacts.csv", 100_000), b.stages("contacts.xlsx", 100_000), b.memory())
}

// run runs a program to its end. csvput ends with 3 where rows are wrong, as some of contacts are.
func (b *bench) run(name string, args ...string) (cost, []byte, error) {
	var out, said bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = b.dir, b.env, &out, &said
	began := time.Now()
	err := cmd.Run()
	c := cost{wall: time.Since(began)}
	if cmd.ProcessState == nil || err != nil && cmd.ProcessState.ExitCode() != 3 {
		return c, nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, &said)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	c.mib = float64(usage.Maxrss) / 1024
	return c, out.Bytes(), nil
}

// csvput runs a command of csvput, and returns the run's folder.
func (b *bench) csvput(args ...string) (cost, *report.Folder, error) {
	c, out, err := b.run("./csvput", append(args, "--json", "--quiet")...)
	if err != nil {
		return c, nil, err
	}
	var s report.Summary
	if err := json.Unmarshal(out, &s); err != nil {
		return c, nil, err
	}
	folder, err := report.Open(s.Folder)
	return c, folder, err
}

// program is one of those that are compared.
type program struct {
	name string
	run  func() (cost, error)
	all  []cost
}

// compare lets programs take turns, the first of them another one in each round, and prints the median of each beside the
// first program's.
func (b *bench) compare(title string, rows, rounds int, programs ...program) error {
	for round := range rounds {
		for i := range programs {
			p := &programs[(round+i)%len(programs)]
			c, err := p.run()
			if err != nil {
				return err
			}
			p.all = append(p.all, c)
		}
	}
	fmt.Printf("\n%s, %d rounds (medians)\n%-14s %9s %9s %10s %8s %10s %10s\n", title, rounds, "", "wall s", "CPU s", "rows/s", "MiB", "x wall", "x CPU")
	of := func(p program, f func(cost) float64) float64 {
		var all []float64
		for _, c := range p.all {
			all = append(all, f(c))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	wall, cpu := func(c cost) float64 { return c.wall.Seconds() }, func(c cost) float64 { return c.cpu.Seconds() }
	for _, p := range programs {
		fmt.Printf("%-14s %9.2f %9.2f %10.0f %8.0f %10.2f %10.2f\n", p.name, of(p, wall), of(p, cpu), float64(rows)/of(p, wall),
			of(p, func(c cost) float64 { return c.mib }), of(programs[0], wall)/of(p, wall), of(programs[0], cpu)/of(p, cpu))
	}
	return nil
}

// check compares csvput check with the plain loop, of which both must say the same.
func (b *bench) check(n, rounds int) error {
	file, naive := fmt.Sprintf("contacts%d.csv", n), fmt.Sprintf("naive%d.csv", n)
	if _, _, err := b.run(b.self, "contacts", file, strconv.Itoa(n)); err != nil {
		return err
	}
	var folder *report.Folder
	err := b.compare(fmt.Sprintf("check of %d rows", n), n, rounds,
		program{name: "plain loop", run: func() (cost, error) {
			c, _, err := b.run(b.self, "naive", file, naive)
			return c, err
		}},
		program{name: "csvput check", run: func() (c cost, err error) {
			c, folder, err = b.csvput("check", file)
			return c, err
		}})
	if err != nil {
		return err
	}
	_, _, err = b.run(b.self, "agree", naive, folder.Path(report.ReportName))
	return err
}

// start starts a server, which prints its address, and returns a function that ends it.
func (b *bench) start(name string, args ...string) (stop func(), err error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = b.dir, b.env
	out, err := cmd.StdoutPipe()
	if err == nil {
		cmd.Stderr = cmd.Stdout
		err = cmd.Start()
	}
	if err != nil {
		return nil, err
	}
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, address, ok := strings.Cut(lines.Text(), "http://"); ok {
			address, _, _ = strings.Cut(address, " ")
			b.env = append(b.env, "CSVPUT_BASE_URL=http://"+address)
			return stop, nil
		}
	}
	stop()
	return nil, fmt.Errorf("%s %s has no address", name, strings.Join(args, " "))
}

func (b *bench) url() string {
	return strings.TrimPrefix(b.env[len(b.env)-1], "CSVPUT_BASE_URL=")
}

// send compares a whole csvput apply, which reads nothing, with programs that send the same.
func (b *bench) send(n, rounds int) error {
	stop, err := b.start(b.self, "server")
	if err != nil {
		return err
	}
	defer stop()
	if _, _, err := b.run(b.self, "wishes", "wishes.csv", "targets.json", b.url(), strconv.Itoa(n)); err != nil {
		return err
	}
	return b.compare(fmt.Sprintf("sending %d rows, 16 at once", n), n, rounds,
		program{name: "vegeta", run: func() (cost, error) {
			c, _, err := b.run("./vegeta", "attack", "-rate=0", "-max-workers=16", "-lazy", "-format=json", "-targets=targets.json", "-output=results.bin")
			return c, err
		}},
		program{name: "bare loop", run: func() (cost, error) {
			c, _, err := b.run(b.self, "bare", b.url(), strconv.Itoa(n))
			return c, err
		}},
		program{name: "csvput apply", run: func() (cost, error) {
			_, folder, err := b.csvput("plan", "wishes.csv", "--no-lookup")
			if err != nil {
				return cost{}, err
			}
			c, _, err := b.csvput("apply", "--yes", folder.Dir())
			return c, err
		}})
}

// stages prints how long the parts of a plan take.
func (b *bench) stages(file string, n int) error {
	if _, _, err := b.run(b.self, "contacts", file, strconv.Itoa(n)); err != nil {
		return err
	}
	stop, err := b.start("./csvput", "sandbox", "--seed", file, "--port", "0", "--throttle", "1000000")
	if err != nil {
		return err
	}
	defer stop()
	began := time.Now()
	c, _, err := b.csvput("plan", file, "--verbose", "--log-file", file+".log", "--log-format", "json")
	if err != nil {
		return err
	}
	log, err := os.Open(filepath.Join(b.dir, file+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	fmt.Printf("\nplan of %s, %d rows, against the sandbox: %.2f s, %.2f CPU s, %.0f MiB\n", file, n, c.wall.Seconds(), c.cpu.Seconds(), c.mib)
	stage, end := "starting", began.Add(c.wall)
	next := func(name string, at time.Time) {
		fmt.Printf("%-14s %9.2f s\n", stage, at.Sub(began).Seconds())
		stage, began = name, at
	}
	for lines := bufio.NewScanner(log); lines.Scan(); {
		var line struct {
			Time       time.Time
			Msg, Stage string
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return err
		}
		if line.Msg == "stage" {
			next(line.Stage, line.Time)
		}
	}
	next("", end)
	return nil
}

// memory prints what the commands take at most, by the number of rows.
func (b *bench) memory() error {
	stop, err := b.start(b.self, "server")
	if err != nil {
		return err
	}
	defer stop()
	fmt.Printf("\nmemory, MiB\n%-14s %9s %9s %9s\n", "rows", "check", "plan", "apply")
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		if _, _, err := b.run(b.self, "wishes", "wishes.csv", "targets.json", b.url(), strconv.Itoa(n)); err != nil {
			return err
		}
		check, _, err := b.csvput("check", "wishes.csv")
		if err != nil {
			return err
		}
		plan, folder, err := b.csvput("plan", "wishes.csv", "--no-lookup")
		if err != nil {
			return err
		}
		apply, _, err := b.csvput("apply", "--yes", folder.Dir())
		if err != nil {
			return err
		}
		fmt.Printf("%-14d %9.0f %9.0f %9.0f\n", n, check.mib, plan.mib, apply.mib)
	}
	return nil
}

// writeContacts writes a file of contacts, as a workbook if its name says so.
func writeContacts(args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	text := contacts(n, 7)
	if !rows.NamesWorkbook(args[0]) {
		return os.WriteFile(args[0], text, 0o600)
	}
	cells, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return err
	}
	file, err := os.Create(args[0])
	if err != nil {
		return err
	}
	out, err := rows.NewTable(file, args[0], cells[0])
	if err != nil {
		return err
	}
	for _, row := range cells[1:] {
		if err := out.Write(row); err != nil {
			return err
		}
	}
	return errors.Join(out.Close(), file.Close())
}

// writeWishes writes a file of phone numbers, and the same as requests for vegeta.
func writeWishes(args []string) error {
	n, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	var targets bytes.Buffer
	out := json.NewEncoder(&targets)
	cells := [][]string{{"id", "name", "value"}}
	ids, bodies := updates(n)
	for i, id := range ids {
		cells = append(cells, []string{id, fmt.Sprintf("Contact %d", i), phoneWish(i)})
		_ = out.Encode(map[string]any{"method": http.MethodPut, "url": args[2] + "/api/v2/contact-details/" + id, "body": bodies[i], "header": headers})
	}
	return errors.Join(os.WriteFile(args[0], table(cells...), 0o600), os.WriteFile(args[1], targets.Bytes(), 0o600))
}

// naiveFile is the plain loop as a program.
func naiveFile(args []string) error {
	file, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	out, err := os.Create(args[1])
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	_, err = naive(file, w)
	return errors.Join(err, w.Flush(), out.Close())
}

// agreeFiles reports a row of which a report says something else than the plain loop.
func agreeFiles(args []string) error {
	theirs, err := os.Open(args[0])
	if err != nil {
		return err
	}
	ours, err := os.Open(args[1])
	if err != nil {
		return err
	}
	said, err := report.NewReader(ours)
	if err != nil {
		return err
	}
	for records := csv.NewReader(theirs); ; {
		want, err := records.Read()
		if err == nil && want[0] == "id" {
			continue
		}
		got, err2 := said.Read()
		if err == io.EOF && err2 == io.EOF {
			return nil
		}
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		if got.ID != want[0] || got.Value != want[4] || string(got.Status) != want[5] {
			return fmt.Errorf("%q is said to be %+v", want, got)
		}
	}
}

// serveEcho serves echo until it is killed. What asks for something else than an update is answered by a sandbox.
func serveEcho([]string) error {
	put, rest := echo(0), sandbox.New(unlimited())
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			put(w, r)
		} else {
			rest.ServeHTTP(w, r)
		}
	}))
	fmt.Println(s.URL)
	select {}
}

// bareFile is the bare loop as a program.
func bareFile(args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	return bareLoop(args[0], n, 16)(context.Background())
}
