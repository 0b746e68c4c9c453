package pattern

// anythingBut compiles {"anything-but": x}, where x is a string, a number, an array of one of both, or an object with
// an operator whose operand is a string or an array of strings.
func (c *compiler) anythingBut() (alternative, *Error) {
	a := alternative{operator: butStrings}
	token, err := c.next()
	if err != nil {
		return a, err
	}
	nested := token == startObject
	if nested {
		if a.operator, token, err = c.butOperator(); err != nil {
			return a, err
		}
	}
	switch {
	case token == startArray && nested:
		err = c.butTexts(&a)
	case token == startArray:
		err = c.butList(&a)
	case token == stringToken || token == numberToken:
		err = c.butValue(&a, token)
	default:
		return a, c.fail("Value of anything-but must be an array or single string/number value.")
	}
	if err != nil {
		return a, err
	}
	if err := c.closing(tooMany); err != nil || !nested {
		return a, err
	}
	return a, c.closing(tooMany)
}

// butOperator reads the operator within anything-but, and the first tokenKind of its operand.
func (c *compiler) butOperator() (operator, tokenKind, *Error) {
	token, err := c.next()
	if err != nil {
		return 0, 0, err
	}
	if token != fieldName {
		return 0, 0, c.fail("Anything-But expression name not found")
	}
	operators := map[string]operator{"equals-ignore-case": butFold, "prefix": butPrefix, "suffix": butSuffix, "wildcard": butWild}
	found, ok := operators[c.name]
	if !ok {
		return 0, 0, c.fail("Unsupported anything-but pattern: " + c.name)
	}
	token, err = c.next()
	return found, token, err
}

// butList reads an array of strings or numbers.
func (c *compiler) butList(a *alternative) *Error {
	for {
		token, err := c.next()
		if err != nil {
			return again(err)
		}
		if token == endArray {
			break
		}
		if token != stringToken && token != numberToken {
			return again(c.fail("Inside anything but list, start|null|boolean is not supported."))
		}
		if err := c.butValue(a, token); err != nil {
			if err.Line == 0 {
				err.Line, err.Column = c.place(c.pos)
				return err
			}
			return again(err)
		}
	}
	if (len(a.texts) > 0) == (len(a.numbers) > 0) {
		return c.fail("Inside anything but list, either all values are number or string, mixed type is not supported")
	}
	return nil
}

// butTexts reads an array of strings.
func (c *compiler) butTexts(a *alternative) *Error {
	var firstBad *Error
	for {
		token, err := c.next()
		if err != nil {
			return again(err)
		}
		if token == endArray {
			break
		}
		if token != stringToken {
			return again(c.fail(butRefusal(a.operator)))
		}
		if err := c.butValue(a, token); err != nil {
			if a.operator != butWild || c.end == bad {
				return again(err)
			}
			if firstBad == nil { // the engine looks into wildcards when it has all of them
				firstBad = err
			}
		}
	}
	if firstBad != nil {
		firstBad.Line, firstBad.Column = c.place(c.pos)
	}
	return firstBad
}

// again marks an error that the engine wraps once more.
func again(err *Error) *Error {
	err.twice = true
	return err
}

// butValue adds one value.
func (c *compiler) butValue(a *alternative, token tokenKind) *Error {
	text, err := c.text()
	if err != nil {
		return err
	}
	if token == numberToken {
		if a.operator != butStrings && a.operator != butNumbers {
			return c.fail(butRefusal(a.operator))
		}
		n, ok := double([]byte(text))
		if !ok {
			return c.failNowhere("Cannot compare number : " + text)
		}
		a.numbers = append(a.numbers, n)
		a.operator = butNumbers
		return nil
	}
	switch a.operator {
	case butPrefix, butSuffix:
		if text == "" {
			return c.fail("Null prefix/suffix not allowed")
		}
	case butFold:
		a.folded = append(a.folded, fold(text))
		return nil
	case butWild:
		w, bad := parseWildcard(text)
		if bad != nil {
			return c.fail(bad.Error())
		}
		a.wilds = append(a.wilds, w)
		return nil
	}
	a.texts = append(a.texts, text)
	return nil
}

func butRefusal(o operator) string {
	switch o {
	case butFold:
		return "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
	case butWild:
		return "wildcard match pattern must be a string"
	}
	return "prefix/suffix match pattern must be a string"
}
