package asl

// readInput applies InputPath and prepares the scope in which the state's fields are evaluated.
func (t *thread) readInput() *Error {
	t.effective = t.input
	s := &t.scope
	if s.Ctx == nil {
		s.Ctx, s.Now, s.Random = t.contextObject, t.x.run.nowFunc, t.x.run.random
	}
	s.Input, s.Result, s.HasResult, s.ErrorOutput, s.HasErrorOutput = t.input, nil, false, nil, false
	s.Vars = nil
	if t.vars != nil {
		s.Vars = t.vars
	}
	switch field := &t.state.inputPath; {
	case field.null:
		t.effective = NewObject()
	case field.path != nil:
		v, err := field.path.Read(s)
		if err != nil {
			return pathFailure(field.path, err)
		}
		t.effective = v
	}
	s.Input = t.effective
	return nil
}

// arguments is the value of Parameters or Arguments, or the effective input when the state has none.
func (t *thread) arguments() (any, *Error) {
	if t.state.arguments == nil {
		return t.effective, nil
	}
	return t.state.arguments.Eval(&t.scope)
}

// complete shapes the result of the state into its output and leaves the state.
func (t *thread) complete(result any) {
	output, assigned, err := t.shape(result)
	if err != nil {
		t.evaluationFailed(err)
		return
	}
	if !t.leave(output, assigned, t.state.next) {
		t.raise(dataLimit(t.state.name), "")
	}
}

// shape applies ResultSelector, Assign, ResultPath and OutputPath, or Assign and Output.
func (t *thread) shape(result any) (output any, assigned *Object, err *Error) {
	st, s := t.state, &t.scope
	if st.lang == JSONata {
		if st.kind == kindTask || st.kind == kindParallel || st.kind == kindMap {
			s.Result, s.HasResult = result, true
		}
		return t.assignAndOutput(st.assign, st.output, result)
	}
	if st.resultSelector != nil {
		s.Input = result
		if result, err = st.resultSelector.Eval(s); err != nil {
			return nil, nil, err
		}
	}
	s.Input = result
	if assigned, err = evalObject(st.assign, s); err != nil {
		return nil, nil, err
	}
	if output, err = t.place(&st.resultPath, result); err != nil {
		return nil, nil, err
	}
	output, err = t.outputPath(output)
	return output, assigned, err
}

func (t *thread) outputPath(output any) (any, *Error) {
	switch field := &t.state.outputPath; {
	case field.null:
		return NewObject(), nil
	case field.path != nil:
		t.scope.Input = output
		v, err := field.path.Read(&t.scope)
		if err != nil {
			return nil, pathFailure(field.path, err)
		}
		return v, nil
	}
	return output, nil
}

// place puts a result into the state's input, as ResultPath says.
func (t *thread) place(at *pathField, result any) (any, *Error) {
	switch {
	case at.null:
		return t.input, nil
	case at.path != nil:
		return WriteAt(t.input, at.path, result)
	}
	return result, nil
}

// assignAndOutput evaluates both with the variables as they were before.
func (t *thread) assignAndOutput(assign, output *Template, absent any) (any, *Object, *Error) {
	assigned, err := evalObject(assign, &t.scope)
	if err != nil || output == nil {
		return absent, assigned, err
	}
	v, err := output.Eval(&t.scope)
	return v, assigned, err
}

func evalObject(t *Template, s *Scope) (*Object, *Error) {
	if t == nil {
		return nil, nil
	}
	v, err := t.Eval(s)
	if err != nil {
		return nil, err
	}
	o, _ := v.(*Object)
	return o, nil
}
