// Package pattern matches events against the event patterns of Amazon EventBridge, says why a pattern does not match, and
// fills the input transformers of a rule's targets.
//
// [Compile] reads a pattern as AWS reads it, with AWS's error messages. [Pattern.Match] walks over the bytes of a JSON event
// without decoding it; [Pattern.MatchEvent] takes an event that [Decode] has prepared, which is right where many rules look at
// one event. [Pattern.Explain] is for people: which field failed, what the event has there, what the pattern wants, and what
// comes close.
//
// # What it follows
//
//   - Amazon EventBridge User Guide: "Creating event patterns", "Comparison operators for use in event patterns", "Arrays in
//     event patterns", "Null values and empty strings in event patterns", "Input transformation".
//   - Amazon EventBridge API Reference: TestEventPattern, PutRule, InputTransformer.
//   - github.com/aws/event-ruler 2.1, the engine that AWS publishes. Where the pages are silent, its behavior decides: all
//     operators, the order in which errors are found, and array-consistent ("structured") matching.
//
// # Rules that surprise
//
//   - A key with a dot is the same as nesting: {"a.b": [1]} and {"a": {"b": [1]}} are one pattern, and match both forms of event.
//   - Of two equal keys in a pattern the last one counts. A field beside $or overrides or is overridden likewise, in the order of the text.
//   - Values of an array count one by one; two fields never match in different elements of the same array.
//   - "exists" and all operators look at leaves: {} and [] are no leaves, so a field that holds one counts as absent.
//   - anything-but matches each value of another type, null included, but never an absent field.
//   - A string that is an IP address matches each spelling of that address.
//   - equals-ignore-case compares letter by letter with the upper and the lower form; characters beyond U+FFFF never match there.
//   - A cidr for IPv4 also matches an IPv6 address, or an unquoted number, whose digits begin with those of the range, as it does in AWS's engine.
//   - Text after the closing brace of a pattern is ignored, as by AWS's engine. An event must be valid JSON to its end.
//   - Numbers are compared as IEEE doubles; one that a double cannot hold exactly as written equals only its own text.
//
// # What it deliberately does not do
//
// It knows no bus, no rule and no target, does not check the envelope of an event (id, source, time ...), and does not apply the
// restrictions of Pipes and of other services on these operators.
//
// # Limits
//
//   - [MaxFields] fields in a pattern, for each way through $or. Source: event-ruler, GenericMachine.MAXIMUM_RULE_SIZE.
//   - [MaxComplexity] of wildcards. AWS publishes the measure (event-ruler, MachineComplexityEvaluator), not the number; see there.
//   - [DefaultPatternSize] characters is an account's quota, which can be raised and is therefore not enforced; [MaxPatternSize]
//     is what the API takes. Source: User Guide, "Amazon EventBridge quotas"; API Reference, PutRule.
//   - [MaxCombinations] ways through $or and [MaxDepth] levels of nesting; see there.
//   - [MaxVariables], [MaxTemplateSize], [MaxVariableSize] for transformers. Source: API Reference, InputTransformer.
package pattern

// DefaultPatternSize is how many characters a pattern may have in an account that did not ask for more.
// Source: User Guide, "Amazon EventBridge quotas", event pattern size, read 2026-11.
const DefaultPatternSize = 2048

// MaxPatternSize is how many characters a pattern may have at all. Source: API Reference, PutRule, EventPattern, read 2026-11.
const MaxPatternSize = 4096

// MaxFields is how many fields a pattern may name, for each way through $or.
// Source: github.com/aws/event-ruler 2.1, GenericMachine.MAXIMUM_RULE_SIZE.
const MaxFields = 256

// MaxCombinations is how many ways through $or a pattern may have. It is our own protection: nested $or multiply, and AWS
// does not say where it stops.
const MaxCombinations = 1000

// MaxDepth is how deep an event may be nested. Source: Jackson 2.15 and later, which AWS's engine reads JSON with,
// StreamReadConstraints.DEFAULT_MAX_DEPTH.
const MaxDepth = 1000
