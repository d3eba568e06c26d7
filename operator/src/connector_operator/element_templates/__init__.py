"""Element templates as Camunda Modeler reads them: the JSON schema, what Modeler checks beyond it, and what it should."""
