package lab

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// workgroup is an Amazon Redshift Serverless workgroup: of the template, or one that somebody else made, of which only the name is known.
type workgroup struct {
	id, name, arn string              // the id is the name where the template has none
	database      string              // of its namespace; empty: whichever is asked for
	roles         []string            // that COPY and UNLOAD may use; nil: any
	role          string              // that they use by default
	limit         time.Duration       // max_query_execution_time; 0: none
	capacity      float64             // in Redshift Processing Units
	tags          map[string][]string // as conditions of policies see them

	running *statement   // they run one after the other
	waiting []*statement // that are picked
}

// warehouse is the Amazon Redshift of a run, as its Data API shows it.
type warehouse struct {
	asked      bool                  // the template runs SQL
	workgroups map[string]*workgroup // by name
	statements map[string]*statement // by id
	database   database              // started by the first statement
	scripts    []sqlScript           // of the user, to run before any statement does
	done       []StatementOutcome
	scratch    string // for the files of COPY and UNLOAD
}

// sqlScript is SQL that makes what the pipeline finds.
type sqlScript struct{ name, text string }

// StatementOutcome is what one SQL statement did, in all runs.
type StatementOutcome struct {
	Statement string // its name, or its id
	Number    int    // within the statement, from 1
	SQL       string // the kind, and what it is about: COPY weather_daily
	Rows      int64  // of the last run; -1: it has none
	Files     int    // that COPY read or UNLOAD wrote
	Times     int
}

// The default database of a namespace. Source: AWS CloudFormation User Guide, AWS::RedshiftServerless::Namespace, DbName, read 2026-11.
const defaultWarehouse = "dev"

// defaultCapacity is the base capacity in RPU. Source: Amazon Redshift Management Guide, "Compute capacity for Amazon Redshift
// Serverless", read 2026-11.
const defaultCapacity = 128

// settledParameters are parameters of a workgroup by which no row changes, or whose value is Redshift's own.
// Source: AWS::RedshiftServerless::Workgroup, ConfigParameter, read 2026-11.
var settledParameters = map[string][]string{
	"auto_mv": nil, "enable_user_activity_logging": nil, "query_group": nil, "require_ssl": nil, "use_fips_ssl": nil,
	"datestyle": {"iso, mdy", "iso,mdy"}, "enable_case_sensitive_identifier": {"false"}, "search_path": {"$user, public", "'$user', public", "public"},
}

func (l *Lab) readWorkgroups() error {
	l.warehouse = warehouse{workgroups: map[string]*workgroup{}, statements: map[string]*statement{}}
	for _, id := range l.stack.ByType("AWS::RedshiftServerless::Workgroup") {
		resource := l.stack.Resources[id]
		w := &workgroup{
			id: id, name: l.stack.Ref(id), arn: l.stack.Attribute(id, "Workgroup.WorkgroupArn"), capacity: defaultCapacity,
			tags: map[string][]string{}, roles: []string{}, database: defaultWarehouse,
		}
		if given := number(resource.Get("BaseCapacity")); given > 0 {
			w.capacity = given
		}
		for _, tag := range cfn.List(resource.Get("Tags")) {
			w.tags["aws:ResourceTag/"+cfn.Text(cfn.Field(tag, "Key"))] = []string{cfn.Text(cfn.Field(tag, "Value"))}
		}
		if err := l.readParameters(w, cfn.List(resource.Get("ConfigParameters"))); err != nil {
			return fmt.Errorf("workgroup %s: %w", id, err)
		}
		if err := l.readNamespace(w, cfn.Text(resource.Get("NamespaceName"))); err != nil {
			return fmt.Errorf("workgroup %s: %w", id, err)
		}
		l.warehouse.workgroups[w.name] = w
	}
	for _, resource := range l.stack.Resources {
		text, err := json.Marshal(resource.Properties)
		if err != nil {
			return err
		}
		if strings.Contains(string(text), "RedshiftDataParameters") || strings.Contains(string(text), "aws-sdk:redshiftdata:") {
			l.warehouse.asked = true
		}
	}
	return nil
}

func (l *Lab) readParameters(w *workgroup, given []any) error {
	for _, parameter := range given {
		key, value := cfn.Text(cfn.Field(parameter, "ParameterKey")), cfn.Text(cfn.Field(parameter, "ParameterValue"))
		allowed, settled := settledParameters[key]
		switch {
		case key == "max_query_execution_time":
			seconds, err := strconv.Atoi(value)
			if w.limit = time.Duration(seconds) * time.Second; err != nil || seconds <= 0 {
				return fmt.Errorf("max_query_execution_time: got %q, expected a number of seconds", value)
			}
		case strings.HasPrefix(key, "max_"):
			l.ignore(w.id, "the lab does not watch "+key)
		case settled && (allowed == nil || slices.Contains(allowed, strings.ToLower(value))):
		default:
			return fmt.Errorf("the lab does not know the parameter %s with the value %q", key, value)
		}
	}
	return nil
}

func (l *Lab) readNamespace(w *workgroup, name string) error {
	for _, id := range l.stack.ByType("AWS::RedshiftServerless::Namespace") {
		if l.stack.Ref(id) != name {
			continue
		}
		resource := l.stack.Resources[id]
		w.roles, w.role = texts(resource.Get("IamRoles")), cfn.Text(cmp.Or(resource.Get("DefaultIamRoleArn"), any("")))
		if database, ok := resource.Get("DbName").(string); ok {
			w.database = database
		}
		return nil
	}
	return fmt.Errorf("its namespace %s is not in the template", name)
}

// workgroupOf is the workgroup that a call names. One that the template does not have is there already: its owner has done what the
// outputs of the stack ask for, so that it has the tags of which the template's policies speak, and the role.
func (l *Lab) workgroupOf(name string) *workgroup {
	name = last(name, "/")
	w := l.warehouse.workgroups[name]
	if w == nil {
		place := l.stack.Place()
		w = &workgroup{
			id: name, name: name, capacity: defaultCapacity, tags: l.tagsAskedFor(),
			arn: fmt.Sprintf("arn:%s:redshift-serverless:%s:%s:workgroup/%s", place.Partition, place.Region, place.Account, name),
		}
		l.warehouse.workgroups[name] = w
		l.ignore(name, "the workgroup is not in the template: the lab takes what the outputs ask its owner for as done, its tag and its role")
	}
	return w
}

// tagsAskedFor are the tags and their values in the conditions of all policies.
func (l *Lab) tagsAskedFor() map[string][]string {
	tags := map[string][]string{}
	for _, resource := range l.stack.Resources {
		if strings.HasPrefix(resource.Type, "AWS::IAM::") {
			eachMember(resource.Properties, func(key string, element any) bool {
				asked := strings.HasPrefix(key, "aws:ResourceTag/")
				if asked {
					tags[key] = texts(element)
				}
				return !asked
			})
		}
	}
	return tags
}

var redshiftActions = map[string]handler{
	"redshift-data:executestatement":      (*Lab).executeStatement,
	"redshift-data:batchexecutestatement": (*Lab).batchExecuteStatement,
	"redshift-data:describestatement":     (*Lab).describeStatement,
	"redshift-data:getstatementresult":    (*Lab).getStatementResult,
	"redshift-data:cancelstatement":       (*Lab).cancelStatement,
}

// Limits of the Data API.
// Source: Amazon Redshift Data API Reference, ExecuteStatement and BatchExecuteStatement; Amazon Redshift Management Guide, "Considerations
// when calling the Amazon Redshift Data API", read 2026-11.
const (
	maxSQL        = 100 << 10
	maxSQLs       = 40
	maxActive     = 500
	maxName       = 500
	maxToken      = 64
	keptFor       = 24 * time.Hour // a statement and its result can be asked for
	longestQuery  = 24 * time.Hour
	maxResultRows = 1000 // of a page; AWS gives no number
)

// What the two actions take. A rule's target says SecretManagerArn and gives the workgroup by its ARN.
var executeInputs = []string{"ClientToken", "Database", "DbUser", "Parameters", "ResultFormat", "SecretArn", "SecretManagerArn", "Sql", "Sqls", "StatementName", "WithEvent", "WorkgroupArn", "WorkgroupName"}

// executeStatement is ExecuteStatement, batchExecuteStatement BatchExecuteStatement. Source: Amazon Redshift Data API Reference, read 2026-11.
func (l *Lab) executeStatement(by caller, input map[string]any) (map[string]any, *apiError) {
	return l.submitStatement(by, "ExecuteStatement", input, []string{text(input, "Sql")})
}

func (l *Lab) batchExecuteStatement(by caller, input map[string]any) (map[string]any, *apiError) {
	return l.submitStatement(by, "BatchExecuteStatement", input, texts(input["Sqls"]))
}

// submit takes a statement, which is to run when it is picked.
func (l *Lab) submitStatement(by caller, action string, input map[string]any, sqls []string) (map[string]any, *apiError) {
	if err := l.checkInputs(action, input); err != nil {
		return nil, err
	}
	name := cmp.Or(text(input, "WorkgroupArn"), text(input, "WorkgroupName"))
	if name == "" {
		return nil, invalid("WorkgroupName is missing")
	}
	w := l.workgroupOf(name)
	if err := l.mayRunSQL(by, w, action, cmp.Or(text(input, "SecretArn"), text(input, "SecretManagerArn"))); err != nil {
		return nil, err
	}
	if err := validStatement(action, input, sqls); err != nil {
		return nil, err
	}
	s := &statement{
		name: text(input, "StatementName"), token: text(input, "ClientToken"), workgroup: w, database: text(input, "Database"), by: by,
		batch: action == "BatchExecuteStatement", withEvent: input["WithEvent"] == true, parameters: parametersOf(input["Parameters"]),
	}
	if before := l.sameToken(s); before != nil {
		return before.submitted(), nil
	}
	if l.activeStatements(w) >= maxActive {
		return nil, &apiError{Code: "ActiveStatementsExceededException", Message: "Exceeded maximum concurrent active statements", Retriable: true}
	}
	for i, sql := range sqls {
		s.parts = append(s.parts, &part{number: i + 1, sql: sql, state: stateSubmitted, result: sqlResult{Rows: -1}})
	}
	l.accept(s)
	return s.submitted(), nil
}

// checkInputs breaks the run for what the lab would leave out.
func (l *Lab) checkInputs(action string, input map[string]any) *apiError {
	for _, name := range slices.Sorted(maps.Keys(input)) {
		value := input[name]
		known := slices.Contains(executeInputs, name) && (name != "DbUser" || value == nil)
		if name == "ResultFormat" {
			known = value == "JSON"
		}
		if !known {
			l.broken(fmt.Errorf("the lab does not know %s (%s) of redshift-data:%s: it has Redshift Serverless, without sessions, and results as JSON", name, cfn.Text(value), action))
			return invalid("%s", name)
		}
	}
	return nil
}

func validStatement(action string, input map[string]any, sqls []string) *apiError {
	switch {
	case text(input, "Database") == "":
		return invalid("Database is missing")
	case len(sqls) == 0 || sqls[0] == "":
		return invalid("%s: got no SQL", action)
	case len(sqls) > maxSQLs:
		return invalid("Sqls: got %d statements, expected at most %d", len(sqls), maxSQLs)
	case len(text(input, "StatementName")) > maxName:
		return invalid("StatementName: got %d characters, expected at most %d", len(text(input, "StatementName")), maxName)
	case len(text(input, "ClientToken")) > maxToken:
		return invalid("ClientToken: got %d characters, expected at most %d", len(text(input, "ClientToken")), maxToken)
	}
	for i, sql := range sqls {
		if len(sql) > maxSQL {
			return invalid("statement %d: got %d bytes, expected at most %d", i+1, len(sql), maxSQL)
		}
	}
	return nil
}

// notFound is what the Data API answers about what is not there.
const notFound = "ResourceNotFoundException"

// mayRunSQL checks the permission to run SQL in a workgroup, and the one to come into the database: temporary credentials, or the secret.
// Source: Amazon Redshift Management Guide, "Authorizing access to the Amazon Redshift Data API"; Service Authorization Reference, Amazon
// Redshift Data API; read 2026-11.
func (l *Lab) mayRunSQL(by caller, w *workgroup, action, secret string) *apiError {
	if err := l.authorize(by, "redshift-data:"+action, w.arn, w.tags); err != nil {
		return err
	}
	if secret != "" {
		return l.authorize(by, "secretsmanager:GetSecretValue", secret, nil)
	}
	return l.authorize(by, "redshift-serverless:GetCredentials", w.arn, w.tags)
}

func parametersOf(given any) map[string]string {
	var all map[string]string
	for _, item := range cfn.List(given) {
		if all == nil {
			all = map[string]string{}
		}
		one, _ := item.(map[string]any)
		one = capitals(one)
		all[text(one, "Name")] = text(one, "Value")
	}
	return all
}

// sameToken is the statement that a request repeats: the same token makes it the same statement.
func (l *Lab) sameToken(s *statement) *statement {
	for _, other := range l.warehouse.statements {
		if s.token != "" && other.token == s.token && other.by.Role == s.by.Role && other.batch == s.batch {
			return other
		}
	}
	return nil
}

func (l *Lab) activeStatements(w *workgroup) int {
	count := 0
	for _, s := range l.warehouse.statements {
		if s.workgroup == w && !s.over() {
			count++
		}
	}
	return count
}
