package lab

// spark is what the lab knows of EMR Serverless.
type spark struct {
	applications map[string]*sparkApplication
	sparkRuns    []*sparkRun
	sparkTokens  map[string]*sparkRun
}

func newSpark() spark {
	return spark{applications: map[string]*sparkApplication{}, sparkTokens: map[string]*sparkRun{}}
}

// batch is what the lab knows of AWS Batch.
type batch struct {
	environments map[string]*computeEnvironment // by ARN
	jobQueues    map[string]*jobQueue           // by ARN and by name
	definitions  map[string]*jobDefinition      // by ARN and by name, with and without the revision
	batchJobs    []*batchJob
}

func newBatch() batch {
	return batch{environments: map[string]*computeEnvironment{}, jobQueues: map[string]*jobQueue{}, definitions: map[string]*jobDefinition{}}
}

// addWorkers adds the jobs of other services that a task may wait for.
func (l *Lab) addWorkers() {
	l.jobs["emr-serverless:startjobrun"], l.stops["emr-serverless:startjobrun"] = l.runSparkJob, l.stopSparkJob
	l.jobs["emr-serverless:startapplication"] = l.untilApplication((*Lab).startApplication, appStarted)
	l.jobs["emr-serverless:stopapplication"] = l.untilApplication((*Lab).stopApplication, appStopped, appCreated)
	l.jobs["batch:submitjob"], l.stops["batch:submitjob"] = l.runBatchJob, l.stopBatchJob
}

// readWorkers reads what state machines call besides Glue and Lambda.
func (l *Lab) readWorkers() error {
	for _, read := range []func() error{l.readApplications, l.readEnvironments, l.readJobQueues, l.readDefinitions, l.readTables} {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}
