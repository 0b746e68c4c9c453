package asl

import (
	"math"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	readerResource = regexp.MustCompile(`^arn:[^:]+:states:::s3:(getObject|listObjectsV2)$`)
	writerResource = regexp.MustCompile(`^arn:[^:]+:states:::s3:putObject$`)
	inputTypes     = []string{"CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"}
)

// maxReaderItems is the most that ReaderConfig.MaxItems may ask for.
// Source: AWS Step Functions Developer Guide, "ItemReader (Map)", read 2026-11.
const maxReaderItems = 100_000_000

func (v *validator) checkMap(state *Object, p place, lang QueryLanguage) {
	v.oneOf(p, state, false, "ItemProcessor", "Iterator")
	v.oneOf(p, state, true, "MaxConcurrency", "MaxConcurrencyPath")
	v.oneOf(p, state, true, "ToleratedFailurePercentage", "ToleratedFailurePercentagePath")
	v.oneOf(p, state, true, "ToleratedFailureCount", "ToleratedFailureCountPath")
	if lang == JSONPath {
		v.oneOf(p, state, true, "Parameters", "ItemSelector")
	}
	v.label(p, state)
	for _, field := range []string{"ItemProcessor", "Iterator"} {
		if value, ok := state.Get(field); ok {
			v.processor(p.key(field), value)
		}
	}
	v.reader(p.key("ItemReader"), state, lang)
	v.batcher(p.key("ItemBatcher"), state, lang)
	v.writer(p.key("ResultWriter"), state, lang)
}

func (v *validator) label(p place, state *Object) {
	value, _ := state.Get("Label")
	label, ok := value.(string)
	if !ok {
		return
	}
	switch {
	case utf8.RuneCountInString(label) > maxLabel:
		v.add(p.key("Label"), "label", codeLabel, "Label '%s' exceeds the %d-character limit allowed by the service", label, maxLabel)
	case label == "" || strings.ContainsAny(label, " \t\n?*<>{}[]\"#%\\^|~`$&,;:/"):
		v.add(p.key("Label"), "label", codeLabel, "Label '%s' contains invalid characters", label)
	}
	if v.labels[label] {
		v.add(p.key("Label"), "duplicate-label", codeDuplicateLabel, "Duplicate Label name: %s", label)
	}
	v.labels[label] = true
}

func (v *validator) processor(p place, value any) {
	o, ok := value.(*Object)
	if !ok {
		v.wrongType(p, "OBJECT")
		return
	}
	for field, content := range o.All() {
		switch field {
		case "StartAt", "States", "Comment":
		case "ProcessorConfig":
			v.processorConfig(p.key(field), content)
		default:
			v.unsupported(p, field)
		}
	}
	v.checkProgram(o, p, false)
}

func (v *validator) processorConfig(p place, value any) {
	config, ok := value.(*Object)
	if !ok {
		v.wrongType(p, "OBJECT")
		return
	}
	mode, hasMode := config.Get("Mode")
	if hasMode {
		v.enum(p.key("Mode"), mode, "INLINE", "DISTRIBUTED")
	}
	for field, content := range config.All() {
		switch {
		case field == "Mode":
		case field != "ExecutionType" || mode != "DISTRIBUTED":
			v.unsupported(p, field)
		default:
			v.enum(p.key(field), content, "STANDARD", "EXPRESS")
		}
	}
	if mode == "DISTRIBUTED" {
		v.required(p, config, "ExecutionType")
		if v.express {
			v.schema(p.key("Mode"), "express-distributed", "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines")
		}
	}
}

// member is a field that holds an object, with its parts checked by a function.
func (v *validator) member(p place, owner *Object, field string, check func(o *Object)) {
	value, ok := owner.Get(field)
	if !ok {
		return
	}
	o, ok := value.(*Object)
	if !ok {
		v.wrongType(p, "OBJECT")
		return
	}
	check(o)
}

func (v *validator) reader(p place, state *Object, lang QueryLanguage) {
	v.member(p, state, "ItemReader", func(reader *Object) {
		v.required(p, reader, "Resource")
		for field, value := range reader.All() {
			switch {
			case !strings.Contains(" Resource Parameters Arguments ReaderConfig ", " "+field+" "):
				v.unsupported(p, field)
			case v.otherLanguage(p, field, lang):
			case field == "Resource":
				if text, ok := v.text(p.key(field), value); ok && !readerResource.MatchString(text) {
					v.schema(p.key(field), "item-reader", "The field 'Resource' does not match any of the allowed values")
				}
			case field != "ReaderConfig":
				v.template(p.key(field), value, lang)
			}
		}
		v.member(p.key("ReaderConfig"), reader, "ReaderConfig", func(config *Object) { v.readerConfig(p.key("ReaderConfig"), config, lang) })
	})
}

var readerFields = fieldsOf("InputType CSVHeaderLocation CSVHeaders CSVDelimiter MaxItems MaxItemsPath ManifestType Transformation ItemsPointer")

func (v *validator) readerConfig(p place, config *Object, lang QueryLanguage) {
	kind, _ := config.Get("InputType")
	manifest, _ := config.Get("ManifestType")
	csv := kind == "CSV" || manifest == "ATHENA_DATA"
	for field, value := range config.All() {
		at := p.key(field)
		switch {
		case !readerFields[field], strings.HasPrefix(field, "CSV") && !csv:
			v.unsupported(p, field)
		case v.otherLanguage(p, field, lang):
		case field == "InputType":
			v.enum(at, value, inputTypes...)
		case field == "CSVHeaderLocation":
			v.enum(at, value, "FIRST_ROW", "GIVEN")
		case field == "CSVDelimiter":
			v.enum(at, value, "COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB")
		case field == "ManifestType":
			v.enum(at, value, "ATHENA_DATA", "S3_INVENTORY")
		case field == "Transformation":
			v.enum(at, value, "NONE", "LOAD_AND_FLATTEN")
		case field == "MaxItems":
			v.number(at, value, lang, 0, maxReaderItems)
		case field == "MaxItemsPath":
			v.path(at, value, true, false)
		case field == "CSVHeaders":
			v.headers(at, value)
		}
	}
	v.oneOf(p, config, true, "MaxItems", "MaxItemsPath")
	location, hasLocation := config.Get("CSVHeaderLocation")
	switch {
	case kind == "CSV" && !hasLocation:
		v.schema(p, "csv-header", "The field 'CSVHeaderLocation' is required")
	case location == "GIVEN":
		v.required(p, config, "CSVHeaders")
	}
}

func (v *validator) headers(p place, value any) {
	items, ok := value.([]any)
	if !ok {
		v.wrongType(p, "ARRAY")
		return
	}
	for i, item := range items {
		v.text(p.index(i), item)
	}
}

func (v *validator) batcher(p place, state *Object, lang QueryLanguage) {
	v.member(p, state, "ItemBatcher", func(batcher *Object) {
		for field, value := range batcher.All() {
			at := p.key(field)
			switch {
			case v.otherLanguage(p, field, lang):
			case field == "BatchInput":
				v.template(at, value, lang)
			case field == "MaxItemsPerBatch" || field == "MaxInputBytesPerBatch":
				v.number(at, value, lang, 0, math.Inf(1))
			case field == "MaxItemsPerBatchPath" || field == "MaxInputBytesPerBatchPath":
				v.path(at, value, true, false)
			default:
				v.unsupported(p, field)
			}
		}
		v.oneOf(p, batcher, true, "MaxItemsPerBatch", "MaxItemsPerBatchPath")
		v.oneOf(p, batcher, true, "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath")
	})
}

func (v *validator) writer(p place, state *Object, lang QueryLanguage) {
	v.member(p, state, "ResultWriter", func(writer *Object) {
		for field, value := range writer.All() {
			at := p.key(field)
			switch {
			case v.otherLanguage(p, field, lang):
			case field == "Resource":
				if text, ok := v.text(at, value); ok && !writerResource.MatchString(text) {
					v.schema(at, "result-writer", "The field 'Resource' does not match any of the allowed values")
				}
			case field == "Parameters" || field == "Arguments":
				v.template(at, value, lang)
			case field == "WriterConfig":
				v.member(at, writer, field, func(config *Object) { v.writerConfig(at, config) })
			default:
				v.unsupported(p, field)
			}
		}
	})
}

func (v *validator) writerConfig(p place, config *Object) {
	for field, value := range config.All() {
		switch field {
		case "OutputType":
			v.enum(p.key(field), value, "JSON", "JSONL")
		case "Transformation":
			v.enum(p.key(field), value, "NONE", "COMPACT", "FLATTEN")
		default:
			v.unsupported(p, field)
		}
	}
}
