package asl

// mapItem is where an iteration of a Map is: Map.Item of the Context object.
type mapItem struct {
	index int
	value any
	key   string // of an object's entry
	isKey bool
}

func (m *mapItem) object() *Object {
	item := ObjectOf("Index", int64(m.index), "Value", m.value)
	if m.isKey {
		item.Set("Key", m.key)
	}
	return ObjectOf("Item", item)
}

// contextObject is what $$ and $states.context show. It is built when an expression asks for it.
// Source: Step Functions Developer Guide, "Accessing execution data from the Context object", read 2026-11.
func (t *thread) contextObject() *Object {
	if t.context != nil {
		return t.context
	}
	execution, machine := t.x.contextParts()
	state := ObjectOf("Name", t.state.name, "EnteredTime", timeText(t.enteredAt))
	if t.state.kind == kindTask {
		state.Set("RetryCount", t.retries)
	}
	t.context = ObjectOf("Execution", execution, "StateMachine", machine, "State", state)
	if t.item != nil {
		t.context.Set("Map", t.item.object())
	}
	if t.task != nil && t.state.task.resource.needsToken() {
		t.context.Set("Task", ObjectOf("Token", t.task.call.Token))
	}
	return t.context
}
