package lab

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// database runs SQL of Redshift for real, one statement at a time, and all of a transaction between two ends.
type database interface {
	plan(sql string) (sqlPlan, error)
	run(q sqlQuery) (sqlResult, error)
	end(database string, commit bool) (sqlResult, error)
}

// warehouses are programs that can start a database. It reads and writes files below the scratch folder alone.
type warehouses interface {
	warehouse(l *Lab) (db database, scratch string, err error)
}

// sqlPlan is what a statement is, before it runs.
type sqlPlan struct {
	Kind    string `json:"kind"`  // its first words, in capitals
	About   string `json:"about"` // the table, or the place in S3
	Refused string `json:"refused"`

	S3          string `json:"s3"` // that COPY reads or UNLOAD writes
	Role        string `json:"role"`
	Region      string `json:"region"`
	Clean       bool   `json:"clean"`
	Overwrite   bool   `json:"overwrite"`
	Key         string `json:"key"` // of KMS
	Partitioned bool   `json:"partitioned"`
	Timeout     *int   `json:"timeout"` // that SET statement_timeout gives, in milliseconds
}

// sqlQuery is a statement to run.
type sqlQuery struct {
	Database   string            `json:"database"`
	SQL        string            `json:"sql"`
	Parameters map[string]string `json:"parameters,omitempty"`
	Now        string            `json:"now"`
	Files      []sqlFile         `json:"files,omitempty"` // that COPY reads
	Folder     string            `json:"folder"`          // for those that UNLOAD writes
	Script     bool              `json:"-"`               // several statements, each a transaction
}

// sqlFile is a local copy of an object.
type sqlFile struct {
	File   string `json:"file"`
	Object string `json:"object,omitempty"` // as s3://BUCKET/KEY
	Name   string `json:"name,omitempty"`   // below the prefix of UNLOAD
}

// sqlResult is what a statement came to.
type sqlResult struct {
	Rows    int64      `json:"rows"`
	Columns []any      `json:"columns"` // nil: it has no result
	Records []any      `json:"records"`
	Written []sqlFile  `json:"written"`
	Reads   []sqlTable `json:"reads"`
	Writes  *sqlTable  `json:"writes"`
	Error   string     `json:"error"`   // it fails, in Redshift too
	Refused string     `json:"refused"` // the lab cannot run it
}

// SQL keeps SQL that makes what the pipeline finds in its warehouse, such as the tables of one that is there already. It runs before the
// first statement; in a warehouse of the template at once.
func (l *Lab) SQL(name, text string) error {
	if !l.warehouse.asked {
		return errors.New("the template runs no SQL in Redshift")
	}
	l.warehouse.scripts = append(l.warehouse.scripts, sqlScript{name, text})
	if len(l.warehouse.workgroups) != 1 {
		return nil // its database is known when a statement names it
	}
	for _, w := range l.warehouse.workgroups {
		if !l.openWarehouse(w.database) {
			return l.err
		}
	}
	return nil
}

// openWarehouse starts the database if it is not there yet, and runs the scripts. It says whether statements can run.
func (l *Lab) openWarehouse(name string) bool {
	if l.warehouse.database == nil {
		programs, ok := l.options.Programs.(warehouses)
		if !ok {
			l.broken(errors.New("the lab has nothing to run SQL with"))
			return false
		}
		var err error
		if l.warehouse.database, l.warehouse.scratch, err = programs.warehouse(l); err != nil {
			l.broken(err)
			return false
		}
	}
	scripts := l.warehouse.scripts
	l.warehouse.scripts = nil
	for _, s := range scripts {
		result, err := l.warehouse.database.run(sqlQuery{Database: name, SQL: s.text, Now: l.sqlNow(), Folder: l.warehouse.scratch, Script: true})
		if problem := cmp.Or(result.Error, result.Refused); err == nil && problem != "" {
			err = errors.New(problem)
		}
		if err != nil {
			l.broken(fmt.Errorf("%s: %w", s.name, err))
			return false
		}
		l.tell("redshift-data", "ScriptRun", name, map[string]any{"file": s.name, "sqls": result.Rows})
	}
	return true
}

// sqlNow is the virtual time as a timestamp of SQL, for GETDATE() and its like.
func (l *Lab) sqlNow() string { return l.clock.Now().UTC().Format("2006-01-02 15:04:05.000000") }

// refuse breaks the run for what only the lab cannot do: on AWS it might succeed.
func (l *Lab) refuse(s *statement, p *part, err error) {
	l.broken(fmt.Errorf("statement %s, SQL %d of %d: %w", s.label(), p.number, len(s.parts), err))
}

// planSQL finds out what a part is. It says whether the lab knows that.
func (l *Lab) planSQL(s *statement, p *part) bool {
	var err error
	if p.plan, err = l.warehouse.database.plan(p.sql); err == nil && p.plan.Refused != "" {
		err = errors.New(p.plan.Refused)
	}
	if err != nil {
		l.refuse(s, p, err)
		return false
	}
	if p.plan.Timeout != nil {
		s.timeout = time.Duration(*p.plan.Timeout) * time.Millisecond
	}
	return true
}

// runSQL runs a part and says why it fails.
func (l *Lab) runSQL(s *statement, p *part) string {
	query := sqlQuery{Database: s.database, SQL: p.sql, Parameters: s.parameters, Now: l.sqlNow(), Folder: s.folder}
	if p.plan.S3 != "" {
		var problem string
		if query.Files, problem = l.prepareSQL(s, p); problem != "" || l.err != nil {
			return problem
		}
	}
	var err error
	if p.result, err = l.warehouse.database.run(query); err == nil && p.result.Refused != "" {
		err = errors.New(p.result.Refused)
	}
	if err != nil {
		l.refuse(s, p, err)
		return ""
	}
	if p.result.Error == "" {
		l.measureWritten(p)
	}
	return p.result.Error
}

// prepareSQL fetches what COPY reads, and looks whether UNLOAD may write.
func (l *Lab) prepareSQL(s *statement, p *part) ([]sqlFile, string) {
	if region := l.stack.Place().Region; p.plan.Region != "" && p.plan.Region != region {
		l.refuse(s, p, fmt.Errorf("got REGION '%s', and the lab has %s alone", p.plan.Region, region))
		return nil, ""
	}
	if problem := l.attached(s, p); problem != "" {
		return nil, problem
	}
	defer l.lineage.actsAs(s.job(), s.id, p.plan.Role)()
	by, bucket, prefix := caller{Role: p.plan.Role}, "", ""
	bucket, prefix, _ = strings.Cut(strings.TrimPrefix(p.plan.S3, "s3://"), "/")
	keys, denied := l.keysBelow(by, bucket, prefix)
	switch {
	case denied != nil:
		return nil, s3Problem(denied)
	case p.plan.Kind == "UNLOAD" && len(keys) > 0 && !p.plan.Clean && !p.plan.Overwrite:
		return nil, "ERROR: Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option."
	case p.plan.Kind == "UNLOAD":
		return nil, ""
	case len(keys) == 0:
		return nil, fmt.Sprintf("ERROR: The specified S3 prefix '%s' does not exist", prefix)
	}
	return l.fetch(s, p, by, bucket, keys)
}

// attached says whether Redshift may work as the role: the namespace has it, and it trusts Redshift.
// Source: Amazon Redshift Database Developer Guide, "Permissions to access other AWS resources"; Amazon Redshift Management Guide,
// "Granting permissions to Amazon Redshift Serverless"; read 2026-11.
func (l *Lab) attached(s *statement, p *part) string {
	w := s.workgroup
	if p.plan.Role == "default" {
		p.plan.Role = w.role
	}
	if !strings.HasPrefix(p.plan.Role, "arn:") || strings.Contains(p.plan.Role, ",") {
		return fmt.Sprintf("ERROR: The IAM role %q is no single role, or the namespace has no default one", p.plan.Role)
	}
	refused := fmt.Sprintf("ERROR: User arn:aws:redshift:%s:%s:dbuser:%s/IAMR:%s is not authorized to assume IAM Role %s",
		l.stack.Place().Region, l.stack.Place().Account, w.name, last(s.by.Role, "/"), p.plan.Role)
	if w.roles != nil && !slices.Contains(w.roles, p.plan.Role) {
		return refused + " (the lab: the namespace does not have it)"
	}
	var denied *apiError
	for _, service := range []string{"redshift-serverless.amazonaws.com", "redshift.amazonaws.com"} {
		if denied = l.assume(caller{Service: service, Source: w.arn}, p.plan.Role); denied == nil {
			return ""
		}
	}
	return refused + " (the lab: " + denied.Message + ")"
}

// s3Problem is how a statement tells an answer of S3.
func s3Problem(err *apiError) string {
	code := err.Code
	if code == accessDenied {
		code = "AccessDenied"
	}
	return fmt.Sprintf("ERROR: S3ServiceException:%s,Error %s", err.Message, code)
}

// keysBelow lists a prefix as a role.
func (l *Lab) keysBelow(by caller, bucket, prefix string) ([]string, *apiError) {
	var keys []string
	input := map[string]any{"Bucket": bucket, "Prefix": prefix}
	for {
		page, err := l.listObjects(by, input)
		if err != nil {
			return nil, err
		}
		for _, object := range cfn.List(page["Contents"]) {
			if key := cfn.Text(cfn.Field(object, "Key")); !strings.HasSuffix(key, "/") {
				keys = append(keys, key)
			}
		}
		if page["IsTruncated"] != true {
			return keys, nil
		}
		input["ContinuationToken"] = page["NextContinuationToken"]
	}
}

// fetch makes local copies of what COPY reads, in the order of the keys.
func (l *Lab) fetch(s *statement, p *part, by caller, bucket string, keys []string) ([]sqlFile, string) {
	var files []sqlFile
	for i, key := range keys {
		answer, denied := l.getObject(by, map[string]any{"Bucket": bucket, "Key": key})
		if denied != nil {
			return nil, s3Problem(denied)
		}
		file := filepath.Join(s.folder, fmt.Sprintf("%d-%06d", p.number, i))
		content := text(answer, "Body")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			l.broken(fmt.Errorf("copy %s for COPY: %w", key, err))
			return nil, ""
		}
		files = append(files, sqlFile{File: file, Object: "s3://" + bucket + "/" + key})
		p.files++
		p.bytes += int64(len(content))
	}
	return files, ""
}

func (l *Lab) measureWritten(p *part) {
	for _, file := range p.result.Written {
		info, err := os.Stat(file.File)
		if err != nil {
			l.broken(fmt.Errorf("read what UNLOAD wrote: %w", err))
			return
		}
		p.files++
		p.bytes += info.Size()
	}
}

// putUnloaded puts into S3 what UNLOAD wrote, when its time is over. CLEANPATH removes what was there; with PARTITION BY only in the
// partitions that get new files. Source: Amazon Redshift Database Developer Guide, "UNLOAD", CLEANPATH, read 2026-11.
func (l *Lab) putUnloaded(s *statement, p *part) string {
	if p.plan.Kind != "UNLOAD" {
		return ""
	}
	defer l.lineage.actsAs(s.job(), s.id, p.plan.Role)()
	by := caller{Role: p.plan.Role}
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(p.plan.S3, "s3://"), "/")
	if p.plan.Key != "" {
		if denied := l.authorizeKey(by, p.plan.Key, "s3", encrypts, decrypts); denied != nil {
			return s3Problem(denied)
		}
	}
	if p.plan.Clean {
		if denied := l.cleanPath(by, bucket, prefix, p); denied != nil {
			return s3Problem(denied)
		}
	}
	for _, file := range p.result.Written {
		content, err := os.ReadFile(file.File)
		if err != nil {
			l.broken(fmt.Errorf("read what UNLOAD of %s wrote: %w", s.label(), err))
			return ""
		}
		if _, denied := l.putObject(by, map[string]any{"Bucket": bucket, "Key": prefix + file.Name, "Body": string(content)}); denied != nil {
			return s3Problem(denied)
		}
	}
	return ""
}

func (l *Lab) cleanPath(by caller, bucket, prefix string, p *part) *apiError {
	keys, denied := l.keysBelow(by, bucket, prefix)
	for _, key := range keys {
		folder := key[:strings.LastIndexByte(key, '/')+1]
		fresh := slices.ContainsFunc(p.result.Written, func(f sqlFile) bool {
			return strings.HasPrefix(prefix+f.Name, folder)
		})
		if denied == nil && (!p.plan.Partitioned || fresh) {
			_, denied = l.deleteObject(by, map[string]any{"Bucket": bucket, "Key": key})
		}
	}
	return denied
}

// commit ends the transaction, and says why it could not.
func (l *Lab) commit(s *statement, commit bool) string {
	result, err := l.warehouse.database.end(s.database, commit)
	if err == nil && result.Refused != "" {
		err = errors.New(result.Refused)
	}
	if err != nil {
		l.broken(fmt.Errorf("statement %s: end the transaction: %w", s.label(), err))
	}
	return result.Error
}
