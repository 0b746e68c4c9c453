package asl

import (
	"fmt"
)

// run takes the data through the state. What the state itself fails with is in t.failed.
func (t *stateTest) run() error {
	t.output = absent{}
	t.data.Set("input", t.thread.text)
	if failed := t.thread.readInput(); failed != nil {
		t.fail(failed)
		return nil
	}
	if t.state.kind == kindTask {
		return t.runTask()
	}
	steps := map[stateKind]func() *Error{
		kindPass: t.runPass, kindChoice: t.runChoice, kindWait: t.runWait, kindSucceed: t.runSucceed, kindFail: t.runFail,
		kindParallel: t.runParallel, kindMap: t.runMap,
	}
	if failed := steps[t.state.kind](); failed != nil {
		t.fail(failed)
	}
	return nil
}

func (t *stateTest) jsonPath() bool { return t.state.lang == JSONPath }

func (t *stateTest) afterInputPath() {
	if t.jsonPath() {
		t.inspect("afterInputPath", t.thread.effective)
	}
}

func (t *stateTest) runPass() *Error {
	result := t.thread.input
	switch {
	case !t.jsonPath():
	case t.state.hasResult:
		result = t.state.result
		t.inspect("result", result)
	default:
		t.afterInputPath()
		var err *Error
		if result, err = t.thread.arguments(); err != nil {
			return err
		}
		t.inspect("afterParameters", result)
	}
	return t.finish(result)
}

func (t *stateTest) runSucceed() *Error {
	t.afterInputPath()
	return t.leave(t.thread.effective)
}

func (t *stateTest) runWait() *Error {
	t.afterInputPath()
	if _, err := t.state.wait.until(&t.thread.scope, t.thread.x.run.now); err != nil {
		return err
	}
	return t.leave(t.thread.effective)
}

// leave shapes the output of a state that has no result.
func (t *stateTest) leave(v any) *Error {
	output, assigned, err := t.thread.shape(v)
	if err != nil {
		return err
	}
	t.succeed(output, assigned, t.state.next)
	return nil
}

func (t *stateTest) runFail() *Error {
	t.afterInputPath()
	f := t.state.fail
	failed := &Error{Name: f.err, Cause: f.cause}
	for expr, to := range map[evaluator]*string{f.errExpr: &failed.Name, f.causeExpr: &failed.Cause} {
		if expr == nil {
			continue
		}
		v, err := expr.Eval(&t.thread.scope)
		if err != nil {
			return err
		}
		*to = plainText(v)
	}
	return failed
}

func (t *stateTest) runChoice() *Error {
	t.afterInputPath()
	st, s := t.state, &t.thread.scope
	rule, err := st.choice.choose(s)
	if err != nil {
		return err
	}
	next, assign, output := st.choice.fallback, st.assign, st.output
	if rule != nil {
		next, assign, output = rule.next, rule.assign, rule.output
	}
	if next == nil {
		return &Error{Name: ErrorNoChoiceMatched, Cause: "Failed to transition out of the state. The state does not point to a next state."}
	}
	var result any
	var assigned *Object
	if t.jsonPath() {
		if assigned, err = evalObject(assign, s); err == nil {
			result, err = t.thread.outputPath(t.thread.effective)
		}
	} else {
		result, assigned, err = t.thread.assignAndOutput(assign, output, t.thread.input)
	}
	if err == nil {
		t.succeed(result, assigned, next)
	}
	return err
}

func (t *stateTest) runParallel() *Error {
	if _, err := t.thread.arguments(); err != nil {
		return err
	}
	return t.mocked()
}

// mocked ends the state as the mock says.
func (t *stateTest) mocked() *Error {
	if t.mock.failure != nil {
		return t.mock.failure
	}
	return t.finish(t.mock.result)
}

// runMap reads the items and the numbers of a Map, and lets as many iterations fail as the request says.
func (t *stateTest) runMap() *Error {
	m, s := t.state.mapper, &t.thread.scope
	t.afterInputPath()
	count, err := t.mapItems()
	if err != nil {
		return err
	}
	concurrency, err := m.concurrency.integer(s)
	if err != nil {
		return err
	}
	t.data.Set("maxConcurrency", int64(concurrency))
	exceeded, err := t.tolerance(count)
	if err != nil {
		return err
	}
	if exceeded && t.mock.failure == nil {
		return &Error{Name: ErrorToleratedThreshold, Cause: "The specified tolerated failure threshold was exceeded"}
	}
	return t.mocked()
}

// mapItems is how many items the Map has.
func (t *stateTest) mapItems() (int, *Error) {
	it := &iteration{t: t.thread, m: t.state.mapper}
	if it.m.reader != nil {
		items, _ := DecodeString(textOf(t.config, "mapItemReaderData"))
		return len(mapItems(items)), nil
	}
	items, err := it.itemsValue()
	switch {
	case err != nil && it.m.itemsPath != nil && err.Name == ErrorRuntime:
		if v, missing := it.m.itemsPath.Read(&t.thread.scope); missing == nil && !it.iterable(v) {
			err = runtimeError(fmt.Sprintf("Reference path \"%s\" must point to array.", pathText(it.m.itemsPath)))
		}
		return 0, err
	case err != nil:
		return 0, err
	}
	if t.jsonPath() {
		t.inspect("afterItemsPath", items)
	}
	return len(mapItems(items)), nil
}

// tolerance reports whether more iterations fail than the Map tolerates.
func (t *stateTest) tolerance(count int) (bool, *Error) {
	m, s := t.state.mapper, &t.thread.scope
	failures := t.setting("mapIterationFailureCount")
	if failures > int64(count) {
		t.refused = invalid("Map iteration failure count must be less than or equal to the number of Map iterations")
	}
	most, err := m.tolerated.count.integer(s)
	if err != nil {
		return false, err
	}
	share, err := m.tolerated.percentage.float(s)
	if err != nil {
		return false, err
	}
	if m.tolerated.count.given {
		t.data.Set("toleratedFailureCount", int64(most))
	}
	if m.tolerated.percentage.given {
		t.data.Set("toleratedFailurePercentage", share)
	}
	switch {
	case share < 0 || share > 100:
		return false, m.tolerated.percentage.outOfRange("ToleratedFailurePercentage must be between 0 and 100.")
	case failures == 0:
		return false, nil
	case m.tolerated.percentage.given && float64(failures)*100 <= share*float64(count):
		return false, nil
	}
	return float64(failures) > most, nil
}

// runTask calls the service, or takes the mock for its answer.
func (t *stateTest) runTask() error {
	t.afterInputPath()
	call, failed := t.thread.newCall(&task{t: t.thread})
	if failed != nil {
		t.fail(failed)
		return nil
	}
	if t.jsonPath() {
		t.inspect("afterParameters", call.Input)
	} else {
		t.inspect("afterArguments", call.Input)
	}
	if t.mock == nil {
		result, failed, err := t.call(call)
		if err != nil {
			return err
		}
		t.mock = &mockedResult{result: result, failure: failed}
	}
	if t.mock.failure == nil {
		t.inspect("result", t.mock.result)
	}
	if failed := t.mocked(); failed != nil {
		t.fail(failed)
	}
	return nil
}

// call runs a machine of one task whose input is what the state's Parameters or Arguments came to.
func (t *stateTest) call(call *Call) (any, *Error, error) {
	machine, err := compileMachine(machineOf(t.state.name, ObjectOf("Type", "Task", "Resource", call.Resource, "End", true)))
	if err != nil {
		return nil, nil, err
	}
	machine.program.start.arguments = &Template{constant: call.Input}
	result, err := machine.Run(t.ctx, Options{Kind: Standard, Services: t.options.Services, Start: t.options.Start, Seed: t.options.Seed, Identity: t.options.Identity})
	if err != nil {
		return nil, nil, err
	}
	if result.Status != Succeeded {
		return nil, &Error{Name: result.Error, Cause: result.Cause}, nil
	}
	return result.Output, nil, nil
}

// finish takes a result through ResultSelector, ResultPath and OutputPath, or Assign and Output.
func (t *stateTest) finish(result any) *Error {
	st, s := t.state, &t.thread.scope
	if !t.jsonPath() {
		return t.leave(result)
	}
	var err *Error
	s.Input = result
	if st.resultSelector != nil {
		if result, err = st.resultSelector.Eval(s); err != nil {
			return err
		}
	}
	t.inspect("afterResultSelector", result)
	s.Input = result
	assigned, err := evalObject(st.assign, s)
	if err != nil {
		return err
	}
	output, err := t.thread.place(&st.resultPath, result)
	if err != nil {
		return err
	}
	t.inspect("afterResultPath", output)
	if output, err = t.thread.outputPath(output); err != nil {
		return err
	}
	t.succeed(output, assigned, st.next)
	return nil
}

func (t *stateTest) succeed(output any, assigned *Object, next *state) {
	t.output, t.next = output, next
	if assigned.Len() > 0 {
		t.inspect("variables", assigned)
	}
}

// fail is for a failure of the state: a retrier, a catcher, or the end.
func (t *stateTest) fail(failed *Error) {
	t.failed = failed
	t.status = string(Failed)
	details := NewObject()
	for i := range t.state.retry {
		r := &t.state.retry[i]
		if !matches(r.errors, failed) {
			continue
		}
		details.Set("retryIndex", int64(i))
		if n := t.setting("retrierRetryCount"); n < r.maxAttempts {
			details.Set("retryBackoffIntervalSeconds", int64(r.delay(n+1, t.thread.x.run.random.Float64).Seconds()))
			t.status = "RETRIABLE"
		}
		break
	}
	if t.status != "RETRIABLE" {
		t.catch(failed, details)
	}
	if details.Len() > 0 {
		t.data.Set("errorDetails", details)
	}
}

func (t *stateTest) catch(failed *Error, details *Object) {
	for i := range t.state.catch {
		k := &t.state.catch[i]
		if !matches(k.errors, failed) {
			continue
		}
		details.Set("catchIndex", int64(i))
		output, assigned, err := t.caught(k, failed)
		if err != nil {
			t.failed = err
			return
		}
		t.status = "CAUGHT_ERROR"
		t.succeed(output, assigned, k.next)
		return
	}
}

func (t *stateTest) caught(k *catcher, failed *Error) (any, *Object, *Error) {
	s, value := &t.thread.scope, failed.output()
	s.Result, s.HasResult = nil, false
	if !t.jsonPath() {
		s.Input, s.ErrorOutput, s.HasErrorOutput = t.thread.input, value, true
		return t.thread.assignAndOutput(k.assign, k.output, value)
	}
	s.Input = value
	assigned, err := evalObject(k.assign, s)
	if err != nil {
		return nil, nil, err
	}
	output, err := t.thread.place(&k.resultPath, value)
	return output, assigned, err
}
