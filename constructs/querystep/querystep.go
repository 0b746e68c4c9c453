// Package querystep runs SQL in the data warehouse as one step of a state machine: querystep.asl.json.
//
// The Redshift Data API runs the statements in order as one transaction. Step Functions has no .sync for it, so the step asks for
// the status until there is a final one, and cancels what takes too long. An execution that is stopped from outside cancels
// nothing; the workgroup's own limit of a query's time then ends it. Results stay in Redshift: only status and id are handed on.
// Source: Amazon Redshift Data API, BatchExecuteStatement, DescribeStatement, CancelStatement; AWS Step Functions Developer Guide,
// "Using AWS SDK service integrations in Step Functions".
package querystep

import (
	"bytes"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/machine"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/servicerole"
	"example.com/pipewright/constructs/warehouse"
)

// Definition is the step in Amazon States Language, before substitution, with a place for one statement.
//
//go:embed querystep.asl.json
var Definition []byte

const (
	// MaxStatements is how many a transaction takes. Source: Amazon Redshift Data API, BatchExecuteStatement, Sqls, read 2026-11.
	MaxStatements = 40
	// maxName is the longest name of a statement. Source: the same, StatementName.
	maxName = 500
	// retryMinutes is the longest that all retries of the calls wait, and how long a last look takes.
	retryMinutes = 15
)

// Props of the step.
type Props struct {
	Name           string // of the statement, as the Redshift console lists it
	Warehouse      *warehouse.Warehouse
	Statements     []*string // SQL, run in order as one transaction
	TimeoutMinutes int       // they are canceled after so many minutes
}

// New makes the step. It deploys nothing. SQL that cannot stand in a definition is an error of the stack.
func New(scope constructs.Construct, props *Props) *machine.Step {
	project.Refuse(awscdk.Stack_Of(scope), check(props.Name, props.Statements))
	step := &machine.Step{
		Definition: definition(len(props.Statements)),
		Substitutions: map[string]any{
			"SqlWorkgroup": props.Warehouse.Name,
			"SqlDatabase":  props.Warehouse.Database,
			"SqlName":      props.Name,
			"SqlMinutes":   strconv.Itoa(props.TimeoutMinutes),
		},
		// The two actions take no resource. Their only condition, the owner's user id, has the name of the role's session in it,
		// and Step Functions takes another session each time. Whoever has no id of a statement can neither see nor cancel it.
		// Source: Service Authorization Reference, Amazon Redshift Data API (statement-owner-iam-userid), read 2026-11.
		Statements: append(props.Warehouse.MayRun(),
			servicerole.Allow([]string{"redshift-data:DescribeStatement", "redshift-data:CancelStatement"}, jsii.String("*"))),
		Minutes: props.TimeoutMinutes + retryMinutes,
	}
	for i, statement := range props.Statements {
		step.Substitutions[fmt.Sprintf("Sql%d", i+1)] = oneLine.Replace(*statement)
	}
	return step
}

// definition has a place for each statement.
func definition(statements int) []byte {
	places := make([]string, 0, statements)
	for i := range statements {
		places = append(places, fmt.Sprintf(`"${Sql%d}"`, i+1))
	}
	return bytes.Replace(Definition, []byte(`"${Sql}"`), []byte(strings.Join(places, ", ")), 1)
}

// oneLine replaces what a text in JSON must not have as it is. CloudFormation puts a substitution into the definition unchanged.
var oneLine = strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ")

func check(name string, statements []*string) error {
	if len(name) > maxName {
		return fmt.Errorf("statement name: got %d characters, expected at most %d", len(name), maxName)
	}
	if len(statements) == 0 || len(statements) > MaxStatements {
		return fmt.Errorf("SQL: got %d statements, expected 1 to %d, which is what one transaction takes", len(statements), MaxStatements)
	}
	for i, statement := range statements {
		if strings.ContainsAny(*statement, `"\`) {
			return fmt.Errorf("SQL, statement %d: got a \" or a \\, expected neither: a state machine's definition would end its text there; "+
				"write identifiers without quotation marks", i+1)
		}
		if strings.Contains(*statement, "--") {
			return fmt.Errorf("SQL, statement %d: got --, expected /* */ for a comment: the statement becomes one line", i+1)
		}
	}
	return nil
}
