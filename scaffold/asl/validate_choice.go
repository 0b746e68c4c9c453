package asl

import "strings"

// choices checks the rules of a Choice state.
func (v *validator) choices(p place, value any, lang QueryLanguage) {
	if items, ok := value.([]any); ok && len(items) == 0 {
		v.schema(p, "empty", "Value cannot be empty")
	}
	v.each(p, value, func(p place, rule *Object, _ bool) {
		v.required(p, rule, "Next")
		v.choiceRule(p, rule, lang, true)
	})
}

var ruleFields = fieldsOf("Next Comment Assign Output Condition Variable And Or Not")

func (v *validator) choiceRule(p place, rule *Object, lang QueryLanguage, top bool) {
	if v.depth++; v.depth > maxNesting {
		v.add(p, "nesting", codeNesting, "Rules are nested more than %d levels deep", maxNesting)
		return
	}
	defer func() { v.depth-- }()
	var operators []string
	for field, value := range rule.All() {
		operand, known := choiceOperand(field)
		if known {
			operators = append(operators, field)
		}
		switch {
		case !known && !ruleFields[field] || !top && (field == "Next" || field == "Assign" || field == "Output"):
			v.unsupported(p, field)
		case v.otherLanguage(p, field, lang):
		case known && lang == JSONPath:
			v.operand(p.key(field), operand, value)
		default:
			v.ruleField(p, field, value, lang)
		}
	}
	selectors := 0
	for _, field := range []string{"And", "Or", "Not", "Variable", "Condition"} {
		if _, ok := rule.Get(field); ok {
			selectors++
		}
	}
	if selectors != 1 {
		v.schema(p, "choice-rule", "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]")
	}
	if _, ok := rule.Get("Variable"); ok && lang == JSONPath && len(operators) != 1 {
		if len(operators) == 0 {
			v.schema(p, "choice-operator", "This object should have only one of the following fields: [%s]", strings.Join(choiceOperators, ", "))
		} else {
			v.schema(p, "choice-operator", "There should only be one of the following fields: [%s]", strings.Join(operators, ", "))
		}
	}
}

func (v *validator) ruleField(p place, field string, value any, lang QueryLanguage) {
	at := p.key(field)
	switch field {
	case "And", "Or":
		if items, ok := value.([]any); ok && len(items) == 0 {
			v.schema(at, "empty", "Value cannot be empty")
		}
		v.each(at, value, func(p place, o *Object, _ bool) { v.choiceRule(p, o, lang, false) })
	case "Not":
		o, ok := value.(*Object)
		if !ok {
			v.wrongType(at, "OBJECT")
			return
		}
		v.choiceRule(at, o, lang, false)
	case "Variable":
		v.variable(at, value)
	case "Condition":
		if _, isBool := value.(bool); !isBool {
			v.textOrJSONata(at, value, lang)
		}
	default:
		v.checkField(p, field, value, lang)
	}
}

// variable checks the path of a data test, which unlike a reference path may select several nodes.
func (v *validator) variable(p place, value any) {
	text, ok := v.text(p, value)
	if !ok {
		return
	}
	if _, err := CompilePath(text); err != nil {
		if !strings.HasPrefix(text, "$") {
			v.schema(p, "reference-path", "Value is not a Reference Path: Reference path didn't start with '$'")
			return
		}
		v.schema(p, "reference-path", "Value is not a Reference Path")
	}
}

func (v *validator) operand(p place, want string, value any) {
	ok := true
	switch want {
	case "PATH":
		v.variable(p, value)
	case "STRING":
		_, ok = value.(string)
	case "NUMBER":
		_, ok = toFloat(value)
	case "BOOLEAN":
		_, ok = value.(bool)
	case "TIMESTAMP":
		v.timestamp(p, value, JSONPath)
	}
	if !ok {
		v.wrongType(p, want)
	}
}

var choiceOperators = choiceOperatorNames()

func choiceOperatorNames() []string {
	var names []string
	for _, kind := range []string{"String", "Numeric", "Timestamp", "Boolean"} {
		for _, order := range []string{"Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"} {
			if kind != "Boolean" || order == "Equals" {
				names = append(names, kind+order, kind+order+"Path")
			}
		}
	}
	return append(names, "StringMatches", "IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp")
}

var choiceOperands = func() map[string]string {
	operands := map[string]string{}
	for _, name := range choiceOperators {
		switch {
		case strings.HasSuffix(name, "Path"):
			operands[name] = "PATH"
		case strings.HasPrefix(name, "String"):
			operands[name] = "STRING"
		case strings.HasPrefix(name, "Numeric"):
			operands[name] = "NUMBER"
		case strings.HasPrefix(name, "Timestamp"):
			operands[name] = "TIMESTAMP"
		default:
			operands[name] = "BOOLEAN"
		}
	}
	return operands
}()

// choiceOperand is the type of value that a comparison operator takes.
func choiceOperand(field string) (string, bool) {
	operand, ok := choiceOperands[field]
	return operand, ok
}
