package lab

import "slices"

// applicationFor finds an application that somebody may do something with.
func (l *Lab) applicationFor(by caller, action string, input map[string]any) (*sparkApplication, *apiError) {
	a := l.applications[text(input, "ApplicationId")]
	if a == nil {
		return nil, failed("ResourceNotFoundException", "Application %s does not exist", text(input, "ApplicationId"))
	}
	return a, l.authorize(by, action, a.arn, nil)
}

// startApplication is StartApplication. Source: Amazon EMR Serverless API Reference, StartApplication, read 2026-11.
func (l *Lab) startApplication(by caller, input map[string]any) (map[string]any, *apiError) {
	a, err := l.applicationFor(by, "emr-serverless:StartApplication", input)
	if err != nil {
		return nil, err
	}
	l.startApplicationFor(a)
	return map[string]any{}, nil
}

// stopApplication is StopApplication: only an application without runs can be stopped.
// Source: Amazon EMR Serverless API Reference, StopApplication, read 2026-11.
func (l *Lab) stopApplication(by caller, input map[string]any) (map[string]any, *apiError) {
	a, err := l.applicationFor(by, "emr-serverless:StopApplication", input)
	switch {
	case err != nil:
		return nil, err
	case len(a.runs) > 0:
		return nil, failed("ConflictException", "Application %s has %d job runs that have not ended", a.name, len(a.runs))
	case a.state == appStarted || a.state == appStarting:
		l.stopApplicationFor(a, l.later)
	}
	return map[string]any{}, nil
}

func (l *Lab) getApplication(by caller, input map[string]any) (map[string]any, *apiError) {
	a, err := l.applicationFor(by, "emr-serverless:GetApplication", input)
	if err != nil {
		return nil, err
	}
	return map[string]any{"Application": a.describe()}, nil
}

// untilApplication is startApplication.sync and stopApplication.sync: it waits for a state.
// Source: AWS Step Functions Developer Guide, "Create and manage Amazon EMR Serverless applications with Step Functions", read 2026-11.
func (l *Lab) untilApplication(change handler, wanted ...string) jobStarter {
	return func(by caller, input map[string]any, done func(map[string]any, *apiError)) (map[string]any, *apiError) {
		if err := l.managesRule(by, "StepFunctionsGetEventsForEMRServerlessApplicationRule"); err != nil {
			return nil, err
		}
		input = capitals(input)
		output, err := change(l, by, input)
		if err != nil {
			return nil, err
		}
		a := l.applications[text(input, "ApplicationId")]
		var look func()
		look = func() {
			if !slices.Contains(wanted, a.state) {
				a.waiting = append(a.waiting, look)
				return
			}
			described, denied := l.getApplication(by, input)
			if denied != nil {
				denied = &apiError{Code: "EMRServerless." + unmodeled[false]["emr-serverless"], Message: denied.Message}
			}
			done(described, denied)
		}
		l.later(0, look)
		return output, nil
	}
}
