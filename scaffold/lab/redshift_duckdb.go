package lab

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// EngineSQL is the Python environment in which the data warehouse runs.
const EngineSQL = "sql"

// duckDB is the process that runs SQL: see worker/warehouse.py for what the two say to each other.
type duckDB struct {
	programs *Programs
	scratch  string // the only folder, besides that of its files, which it may write into
	command  *exec.Cmd
	in       io.WriteCloser
	out      *bufio.Reader
	log      *boundedLog
}

// sqlRequest is a line that the process gets.
type sqlRequest struct {
	Do string `json:"do"`
	sqlQuery
	Commit bool `json:"commit"`
}

// warmSQL starts the process while the run begins.
func (p *Programs) warmSQL(l *Lab) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.sql = sync.OnceValues(func() (*duckDB, error) { return p.startSQL(l.options.Seed) })
	go p.sql() //nolint:errcheck // whoever needs it gets the error
}

// warehouse implements warehouses.
func (p *Programs) warehouse(*Lab) (database, string, error) {
	d, err := p.sql()
	if err != nil {
		return nil, "", err
	}
	return d, d.scratch, nil
}

func (p *Programs) startSQL(seed uint64) (*duckDB, error) {
	files, err := p.files()
	if err != nil {
		return nil, err
	}
	python, err := p.interpreter(EngineSQL, filepath.Join(files, "requirements-sql.txt"))
	if err != nil {
		return nil, err
	}
	d := &duckDB{programs: p}
	if d.log, err = newLog(p.options.Logs, "warehouse.log"); err != nil {
		return nil, err
	}
	if d.scratch, err = os.MkdirTemp("", "lab-sql-"); err != nil {
		return nil, fmt.Errorf("start the data warehouse: %w", err)
	}
	folder := p.options.Warehouse
	if folder != "" { // the process works elsewhere
		if folder, err = filepath.Abs(folder); err != nil {
			return nil, fmt.Errorf("start the data warehouse: %w", err)
		}
	}
	d.command = exec.CommandContext(p.ctx, python, filepath.Join(files, "warehouse.py"), folder, d.scratch, strconv.FormatUint(seed, 10)) //nolint:gosec // our own
	d.command.Dir, d.command.Stderr, d.command.WaitDelay = d.scratch, d.log, time.Second
	d.command.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC", "PYTHONDONTWRITEBYTECODE=1", "HOME=" + d.scratch}
	var out io.Reader
	if d.in, err = d.command.StdinPipe(); err == nil {
		out, err = d.command.StdoutPipe()
	}
	if err == nil {
		err = p.starter.start(d.command)
	}
	if err != nil {
		_ = os.RemoveAll(d.scratch) // it is empty
		return nil, fmt.Errorf("start the data warehouse: %w", err)
	}
	d.out = bufio.NewReader(out)
	return d, nil
}

// ask sends a request and waits for its answer. One that does not come ends the process.
func (d *duckDB) ask(request sqlRequest, answer any) error {
	line, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("ask the data warehouse: %w", err)
	}
	type said struct {
		line []byte
		err  error
	}
	done := make(chan said, 1)
	go func() {
		if _, err := d.in.Write(append(line, '\n')); err != nil {
			done <- said{nil, err}
			return
		}
		line, err := d.out.ReadBytes('\n')
		done <- said{line, err}
	}()
	limit := realLimit(d.programs.options.Longest)
	defer limit.Stop()
	select {
	case got := <-done:
		if d.programs.ctx.Err() != nil {
			return d.programs.interrupted(got.err)
		}
		if got.err != nil {
			return fmt.Errorf("the data warehouse ended: %s", d.log.last())
		}
		return json.Unmarshal(got.line, answer)
	case <-limit.C:
		d.programs.starter.kill(d.command.Process.Pid)
		return fmt.Errorf("the lab ended the data warehouse after %s of real time", d.programs.options.Longest)
	case <-d.programs.ctx.Done():
		return d.programs.interrupted(errors.New("the data warehouse was stopped"))
	}
}

func (d *duckDB) plan(sql string) (plan sqlPlan, err error) {
	return plan, d.ask(sqlRequest{Do: "plan", sqlQuery: sqlQuery{SQL: sql}}, &plan)
}

func (d *duckDB) run(q sqlQuery) (result sqlResult, err error) {
	do := "run"
	if q.Script {
		do = "script"
	}
	return result, d.ask(sqlRequest{Do: do, sqlQuery: q}, &result)
}

func (d *duckDB) end(database string, commit bool) (result sqlResult, err error) {
	return result, d.ask(sqlRequest{Do: "end", sqlQuery: sqlQuery{Database: database}, Commit: commit}, &result)
}

// close ends the process. All that was committed is in the file.
func (d *duckDB) close() {
	_ = d.in.Close()
	d.programs.starter.kill(d.command.Process.Pid)
	_ = d.command.Wait() // it was killed
	_ = d.log.close()    // the run goes on without the end of a log
	_ = os.RemoveAll(d.scratch)
}
