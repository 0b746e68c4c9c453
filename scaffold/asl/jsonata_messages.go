package asl

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
)

// jsonataSentences are the words of the errors of JSONata that the service prints after their code: those of jsonata-js,
// of which the engine has the codes. $f is the function, $i the number of the argument, $o the operator, $v the value that
// the engine names; the codes whose words need what the engine does not tell are not here.
// Source: https://github.com/jsonata-js/jsonata/blob/v2.0.6/src/jsonata.js (errorCodes); that the service has them is
// measured, https://github.com/floci-io/floci/issues/2668 and 2737.
var jsonataSentences = map[string]string{
	"D1004": `Regular expression matches zero length string`,
	"D1009": `Multiple key definitions evaluate to same key: $v`,
	"D3010": `Second argument of replace function cannot be an empty string`,
	"D3011": `Fourth argument of replace function must evaluate to a positive number`,
	"D3012": `Attempted to replace a matched string with a non-string value`,
	"D3020": `Third argument of split function must evaluate to a positive number`,
	"D3030": `Unable to cast value to a number: $v`,
	"D3050": `The second argument of reduce function must be a function with at least two arguments`,
	"D3060": `The sqrt function cannot be applied to a negative number: $1`,
	"D3061": `The power function has resulted in a value that cannot be represented as a JSON number: base=$1, exponent=$2`,
	"D3080": `The picture string must only contain a maximum of two sub-pictures`,
	"D3081": `The sub-picture must not contain more than one instance of the 'decimal-separator' character`,
	"D3082": `The sub-picture must not contain more than one instance of the 'percent' character`,
	"D3083": `The sub-picture must not contain more than one instance of the 'per-mille' character`,
	"D3084": `The sub-picture must not contain both a 'percent' and a 'per-mille' character`,
	"D3085": `The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit character' or a member of the 'decimal digit family'`,
	"D3086": `The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character`,
	"D3087": `The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character`,
	"D3088": `The sub-picture must not contain a 'grouping-separator' at the end of the integer part`,
	"D3089": `The sub-picture must not contain two adjacent instances of the 'grouping-separator' character`,
	"D3090": `The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed by an instance of the 'optional digit character'`,
	"D3091": `The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is followed by a member of the 'decimal digit family'`,
	"D3093": `The exponent part of the sub-picture must comprise only of one or more characters that are members of the 'decimal digit family'`,
	"D3100": `The radix of the formatBase function must be between 2 and 36.  It was given $2`,
	"D3131": `In a decimal digit pattern, all digits must be from the same decimal group`,
	"D3135": `No matching closing bracket ']' in date/time picture string`,
	"D3138": `The $single() function expected exactly 1 matching result.  Instead it matched more.`,
	"D3139": `The $single() function expected exactly 1 matching result.  Instead it matched 0.`,
	"D3140": `Malformed URL passed to $$f(): $1`,
	"T0410": `Argument $i of function "$f" does not match function signature`,
	"T0411": `Context value is not a compatible type with argument $i of function "$f"`,
	"T0412": `Argument $i of function "$f" must be an array of "$t"`,
	"T1006": `Attempted to invoke a non-function`,
	"T1008": `Attempted to partially apply a non-function`,
	"T2001": `The left side of the $o operator must evaluate to a number`,
	"T2002": `The right side of the $o operator must evaluate to a number`,
	"T2003": `The left side of the range operator (..) must evaluate to an integer`,
	"T2004": `The right side of the range operator (..) must evaluate to an integer`,
	"T2006": `The right side of the function application operator ~> must be a function`,
	"T2008": `The expressions within an order-by clause must evaluate to numeric or string values`,
	"T2010": `The expressions either side of operator $o must evaluate to numeric or string values`,
}

var (
	engineFunction = regexp.MustCompile(`^\$(\w+): `)
	engineArgument = regexp.MustCompile(`argument (\d)|requires(?: at least)? (\d) argument|(?:exactly|expects|at most) (\d) argument|(second|third|fourth) argument`)
	engineOperator = regexp.MustCompile(`the ("[^"]+") operator`)
	engineValue    = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
)

// callError is an error of a function, with its arguments.
type callError struct {
	error
	args []any
}

func (e callError) Unwrap() error { return e.error }

// jsonataSentence gives an error of the engine, "CODE: text", the words of JSONata.
func jsonataSentence(text string, args []any) string {
	code, rest, _ := strings.Cut(text, ": ")
	function, index := "", "1"
	if found := engineFunction.FindStringSubmatch(rest); found != nil {
		function = found[1]
	}
	if found := engineArgument.FindStringSubmatch(rest); found != nil {
		index = cmp.Or(found[1], found[2])
		if surplus := found[3]; surplus != "" {
			index = string(surplus[0] + 1)
		} else if index == "" {
			index = map[string]string{"second": "2", "third": "3", "fourth": "4"}[found[4]]
		}
	}
	switch {
	case code == "D3006": // the engine's own, for arguments that are missing
		code = "T0410"
	case code == "T2001" && strings.Contains(rest, "right operand"):
		code = "T2002"
	case code == "T2002" && strings.Contains(rest, "left operand"):
		code = "T2001"
	case code == "T0412" && strings.Contains(rest, "array element"):
		index = "1"
	}
	sentence := jsonataSentences[code]
	if strings.Contains(sentence, "$f") && function == "" {
		return text
	}
	operator, value := "", engineValue.FindString(rest)
	if found := engineOperator.FindStringSubmatch(rest); found != nil {
		operator = found[1]
	}
	words := []string{
		"$f", function, "$i", index, "$o", operator, "$v", value,
		"$t", cmp.Or(map[string]string{"merge": "objects", "join": "strings"}[function], "numbers"),
	}
	for i, arg := range args {
		known, _ := fromNative(arg)
		words = append(words, fmt.Sprintf("$%d", i+1), EncodeString(known))
	}
	sentence = strings.NewReplacer(words...).Replace(sentence)
	if sentence == "" || strings.Contains(sentence, "$1") || strings.Contains(sentence, "$2") {
		return text
	}
	return code + ": " + sentence
}
