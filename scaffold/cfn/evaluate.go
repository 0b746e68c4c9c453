package cfn

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// evaluator evaluates intrinsic functions. A resource is visited while its name is worked out, to notice when it depends on itself.
type evaluator struct {
	template   *Template
	place      Place
	conditions map[string]bool
	visiting   map[string]bool
}

// noValue is what Ref: AWS::NoValue gives: the property, or the item of a list, is as if it had not been written.
type noValue struct{}

// functions are the intrinsic functions that are evaluated here.
// Source: AWS CloudFormation User Guide, "Intrinsic function reference", read 2026-11.
var functions = []string{"Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Split", "Fn::Select", "Fn::If", "Fn::FindInMap", "Fn::ImportValue", "Fn::GetAZs", "Fn::Base64", "Fn::Cidr"}

// call evaluates a function. It gets its argument as the template has it.
func (e *evaluator) call(function string, argument any) (any, error) {
	switch function {
	case "Ref":
		return e.callRef(argument)
	case "Fn::GetAtt":
		return e.callGetAtt(argument)
	case "Fn::Sub":
		return e.callSub(argument)
	case "Fn::Join":
		return e.callJoin(argument)
	case "Fn::Split":
		return e.callSplit(argument)
	case "Fn::Select":
		return e.callSelect(argument)
	case "Fn::If":
		return e.callIf(argument)
	case "Fn::FindInMap":
		return e.callFindInMap(argument)
	case "Fn::ImportValue":
		return e.callImportValue(argument)
	case "Fn::GetAZs":
		return e.callGetAZs(argument)
	case "Fn::Base64":
		return e.callBase64(argument)
	case "Fn::Cidr":
		return e.callCidr(argument)
	}
	return nil, fmt.Errorf("this function is not known here, expected one of %s", strings.Join(functions, ", "))
}

func (e *evaluator) properties(properties map[string]any) (map[string]any, error) {
	if properties == nil {
		return nil, nil
	}
	value, err := e.object(properties)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("got the properties %s, expected an object", Text(value))
	}
	return object, nil
}

// value evaluates a value and all that is in it.
func (e *evaluator) value(value any) (any, error) {
	switch value := value.(type) {
	case map[string]any:
		return e.object(value)
	case []any:
		items := make([]any, 0, len(value))
		for i, item := range value {
			evaluated, err := e.value(item)
			if err != nil {
				return nil, under(strconv.Itoa(i), err)
			}
			if evaluated != (noValue{}) {
				items = append(items, evaluated)
			}
		}
		return items, nil
	case string:
		if strings.Contains(value, "{{resolve:") {
			return nil, fmt.Errorf("got the dynamic reference %.60q, which only CloudFormation can look up", value)
		}
	}
	return value, nil
}

// object evaluates an object, or the function that it stands for.
func (e *evaluator) object(object map[string]any) (any, error) {
	for key, argument := range object {
		if key != "Ref" && !strings.HasPrefix(key, "Fn::") {
			continue
		}
		if len(object) > 1 {
			return nil, fmt.Errorf("got %s beside other keys, expected it alone", key)
		}
		result, err := e.call(key, argument)
		if err != nil {
			return nil, under(key, err)
		}
		return result, nil
	}
	evaluated := make(map[string]any, len(object))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		value, err := e.value(object[key])
		if err != nil {
			return nil, under(key, err)
		}
		if value != (noValue{}) {
			evaluated[key] = value
		}
	}
	return evaluated, nil
}

// pathError is a problem below a path of keys.
type pathError struct {
	path string
	err  error
}

func (p *pathError) Error() string { return p.path + ": " + p.err.Error() }
func (p *pathError) Unwrap() error { return p.err }

func under(key string, err error) error {
	if deeper, ok := errors.AsType[*pathError](err); ok && deeper == err { //nolint:errorlint // only the outermost path grows
		return &pathError{key + "." + deeper.path, deeper.err}
	}
	return &pathError{key, err}
}

// scalar evaluates what must become a text. CloudFormation writes numbers and truth values as texts.
func (e *evaluator) scalar(value any) (string, error) {
	evaluated, err := e.value(value)
	if err != nil {
		return "", err
	}
	switch evaluated := evaluated.(type) {
	case string:
		return evaluated, nil
	case float64:
		return strconv.FormatFloat(evaluated, 'f', -1, 64), nil
	case bool:
		return strconv.FormatBool(evaluated), nil
	case noValue:
		return "", errors.New("got AWS::NoValue, expected a text")
	}
	return "", fmt.Errorf("got %s, expected a text", Text(evaluated))
}

// arguments are the arguments of a function that takes a list of so many.
func arguments(argument any, names ...string) ([]any, error) {
	list, ok := argument.([]any)
	if !ok || len(list) != len(names) {
		return nil, fmt.Errorf("got %s, expected [%s]", Text(argument), strings.Join(names, ", "))
	}
	return list, nil
}

// list evaluates what must become a list.
func (e *evaluator) list(value any) ([]any, error) {
	evaluated, err := e.value(value)
	if err != nil {
		return nil, err
	}
	list, ok := evaluated.([]any)
	if !ok {
		return nil, fmt.Errorf("got %s, expected a list", Text(evaluated))
	}
	return list, nil
}

func (e *evaluator) callJoin(argument any) (any, error) {
	given, err := arguments(argument, "delimiter", "list")
	if err != nil {
		return nil, err
	}
	delimiter, ok := given[0].(string)
	if !ok {
		return nil, fmt.Errorf("got the delimiter %s, expected a text", Text(given[0]))
	}
	items, err := e.list(given[1])
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(items))
	for i, item := range items {
		if texts[i], err = e.scalar(item); err != nil {
			return nil, err
		}
	}
	return strings.Join(texts, delimiter), nil
}

func (e *evaluator) callSplit(argument any) (any, error) {
	given, err := arguments(argument, "delimiter", "text")
	if err != nil {
		return nil, err
	}
	delimiter, ok := given[0].(string)
	if !ok || delimiter == "" {
		return nil, fmt.Errorf("got the delimiter %s, expected a text of at least one character", Text(given[0]))
	}
	whole, err := e.scalar(given[1])
	if err != nil {
		return nil, err
	}
	var parts []any
	for part := range strings.SplitSeq(whole, delimiter) {
		parts = append(parts, part)
	}
	return parts, nil
}

func (e *evaluator) callSelect(argument any) (any, error) {
	given, err := arguments(argument, "index", "list")
	if err != nil {
		return nil, err
	}
	written, err := e.scalar(given[0])
	if err != nil {
		return nil, err
	}
	items, err := e.list(given[1])
	if err != nil {
		return nil, err
	}
	index, err := strconv.Atoi(written)
	if err != nil || index < 0 || index >= len(items) {
		return nil, fmt.Errorf("got the index %s of a list of %d, expected 0 to %d", written, len(items), len(items)-1)
	}
	return items[index], nil
}

func (e *evaluator) callFindInMap(argument any) (any, error) {
	given, err := arguments(argument, "map", "top-level key", "second-level key")
	if err != nil {
		return nil, err
	}
	var keys [3]string
	for i := range given {
		if keys[i], err = e.scalar(given[i]); err != nil {
			return nil, err
		}
	}
	value, ok := e.template.Mappings[keys[0]][keys[1]][keys[2]]
	if !ok {
		return nil, fmt.Errorf("the template's Mappings have no %s", strings.Join(keys[:], "."))
	}
	return value, nil
}

func (e *evaluator) callImportValue(argument any) (any, error) {
	name, err := e.scalar(argument)
	if err != nil {
		return nil, err
	}
	value, ok := e.place.Imports[name]
	if !ok {
		return nil, fmt.Errorf("no other stack exports %s here", name)
	}
	return value, nil
}

func (e *evaluator) callGetAZs(argument any) (any, error) {
	region, err := e.scalar(argument)
	if err != nil {
		return nil, err
	}
	if region != "" && region != e.place.Region {
		return nil, fmt.Errorf("got the Region %s, whose zones are not known here, expected %s", region, e.place.Region)
	}
	zones := make([]any, len(e.place.Zones))
	for i, zone := range e.place.Zones {
		zones[i] = zone
	}
	return zones, nil
}

func (e *evaluator) callBase64(argument any) (any, error) {
	plain, err := e.scalar(argument)
	return base64.StdEncoding.EncodeToString([]byte(plain)), err
}
