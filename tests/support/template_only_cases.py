"""Official connectors that are an element template and nothing else: they ride on the REST connector's job type.

The job variables are our own, shaped as such a template makes them: its fixed method and address, a person's input in headers,
query and body. Requests and answers are those of each service's public API reference, which `source` names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

OAUTH = "oauth-client-credentials-flow"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class TemplateOnly:
    """One call. `{base}` is the server; `sent` is the body as JSON, or its text where it is none."""

    name: str
    source: str
    variables: Mapping[str, Any]
    line: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    sent: Any = ""
    answer: Any = None
    result_expression: str = "={result: response.body}"
    result: Mapping[str, Any] = field(default_factory=dict[str, Any])


def _bearer(token: str = "t-1") -> dict[str, Any]:
    return {"type": "bearer", "token": token}


def _basic(user: str, password: str = "p-1") -> dict[str, Any]:
    return {"type": "basic", "username": user, "password": password}


def _key(name: str, where: str) -> dict[str, Any]:
    return {"type": "apiKey", "apiKeyLocation": where, "name": name, "value": "k-1"}


def _oauth(**more: Any) -> dict[str, Any]:
    endpoint = {"oauthTokenEndpoint": "{base}/token", "clientId": "c-1", "clientSecret": "s-1"}
    return {"type": OAUTH, "clientAuthentication": "credentialsBody", **endpoint, **more}


BEARER = {"Authorization": "Bearer t-1"}
ISSUED = {"Authorization": "Bearer issued"}
"""What the test's token endpoint gives."""

CASES: Sequence[TemplateOnly] = (
    TemplateOnly(
        "asana",
        "https://developers.asana.com/reference/createtask",
        {
            "authentication": _bearer(),
            "method": "post",
            "url": "{base}/api/1.0/tasks",
            "headers": JSON,
            "body": {"data": {"name": "Pack", "projects": ["12"], "notes": None}},
            "connectionTimeoutInSeconds": "20",
        },
        "POST /api/1.0/tasks",
        BEARER,
        {"data": {"name": "Pack", "projects": ["12"], "notes": None}},
        {"data": {"gid": "77"}},
        "={task: response.body.data.gid}",
        {"task": "77"},
    ),
    TemplateOnly(
        "blue-prism",
        "https://docs.blueprism.com/en-US/bundle/blue-prism-enterprise-7-0/page/blue-prism-api/API.htm",
        {
            "authentication": _oauth(scopes="bp-api"),
            "method": "POST",
            "url": "{base}/api/v7/workqueues/9/items/batch",
            "body": [{"data": {"columns": [], "rows": []}, "priority": 1}],
        },
        "POST /api/v7/workqueues/9/items/batch",
        ISSUED,
        [{"data": {"columns": [], "rows": []}, "priority": 1}],
        {"ids": ["a"]},
        "={ids: body.ids}",
        {"ids": ["a"]},
    ),
    TemplateOnly(
        "easy-post",
        "https://docs.easypost.com/docs/addresses",
        {
            "authentication": _basic("EZ-1", "SPEC_PASSWORD_EMPTY_PATTERN"),
            "method": "POST",
            "url": "{base}/v2/addresses",
            "body": {"address": {"street1": "417 Montgomery", "zip": "94104"}},
        },
        "POST /v2/addresses",
        {"Authorization": "Basic RVotMTo="},
        {"address": {"street1": "417 Montgomery", "zip": "94104"}},
        {"id": "adr_1"},
        "={id: response.body.id}",
        {"id": "adr_1"},
    ),
    TemplateOnly(
        "github",
        "https://docs.github.com/en/rest/issues/issues#create-an-issue",
        {
            "authentication": _bearer(),
            "method": "POST",
            "url": "{base}/repos/octo/hello/issues",
            "headers": {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
            "body": {"title": "Found a bug", "labels": ["bug"]},
        },
        "POST /repos/octo/hello/issues",
        BEARER | {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
        {"title": "Found a bug", "labels": ["bug"]},
        {"number": 1347, "state": "open"},
        "={issue: response.body.number}",
        {"issue": 1347},
    ),
    TemplateOnly(
        "gitlab",
        "https://docs.gitlab.com/api/issues/#new-issue",
        {
            "authentication": _key("PRIVATE-TOKEN", "headers"),
            "method": "POST",
            "url": "{base}/api/v4/projects/group%2Fshop/issues",
            "queryParameters": {"title": "Issues with auth", "labels": "bug,login"},
        },
        "POST /api/v4/projects/group%2Fshop/issues?title=Issues%20with%20auth&labels=bug%2Clogin",
        {"PRIVATE-TOKEN": "k-1"},
        "",
        {"iid": 14},
        "={iid: response.body.iid}",
        {"iid": 14},
    ),
    TemplateOnly(
        "google-maps-platform",
        "https://developers.google.com/maps/documentation/distance-matrix/distance-matrix",
        {
            "authentication": _key("key", "query"),
            "method": "GET",
            "url": "{base}/maps/api/distancematrix/json",
            "queryParameters": {"origins": "Berlin|Potsdam", "destinations": "Köln", "units": "metric"},
        },
        "GET /maps/api/distancematrix/json?origins=Berlin%7CPotsdam&destinations=K%C3%B6ln&units=metric&key=k-1",
        {},
        "",
        {"rows": [{"elements": [{"distance": {"value": 574000}}]}]},
        "={metres: response.body.rows[1].elements[1].distance.value}",
        {"metres": 574000},
    ),
    TemplateOnly(
        "hubspot",
        "https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide",
        {
            "authentication": _bearer(),
            "method": "PATCH",
            "url": "{base}/crm/v3/objects/contacts/51",
            "body": {"properties": {"firstname": "Ada", "phone": None}},
            "ignoreNullValues": True,
        },
        "PATCH /crm/v3/objects/contacts/51",
        BEARER,
        {"properties": {"firstname": "Ada"}},
        {"id": "51"},
        "={contact: response.body.id}",
        {"contact": "51"},
    ),
    TemplateOnly(
        "hugging-face",
        "https://huggingface.co/docs/api-inference/tasks/text-classification",
        {
            "authentication": _bearer(),
            "method": "POST",
            "url": "{base}/models/distilbert/sst-2",
            "headers": {"Accept": "application/json"},
            "body": {"inputs": "I like you", "options": {"wait_for_model": True}},
            "readTimeoutInSeconds": "60",
        },
        "POST /models/distilbert/sst-2",
        BEARER | {"Accept": "application/json"},
        {"inputs": "I like you", "options": {"wait_for_model": True}},
        [[{"label": "POSITIVE", "score": 0.99}]],
        "={label: response.body[1][1].label}",
        {"label": "POSITIVE"},
    ),
    TemplateOnly(
        "azure-open-ai",
        "https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference",
        {
            "authentication": _key("api-key", "headers"),
            "method": "POST",
            "url": "{base}/openai/deployments/gpt/chat/completions",
            "queryParameters": {"api-version": "2024-02-01"},
            "body": {"messages": [{"role": "user", "content": "Hi"}], "temperature": 0.5, "max_tokens": None},
            "ignoreNullValues": True,
        },
        "POST /openai/deployments/gpt/chat/completions?api-version=2024-02-01",
        {"api-key": "k-1"},
        {"messages": [{"role": "user", "content": "Hi"}], "temperature": 0.5},
        {"choices": [{"message": {"content": "Hello"}}]},
        "={text: response.body.choices[1].message.content}",
        {"text": "Hello"},
    ),
    TemplateOnly(
        "microsoft-office365-mail",
        "https://learn.microsoft.com/en-us/graph/api/user-sendmail",
        {
            "authentication": _bearer(),
            "method": "POST",
            "url": "{base}/v1.0/users/ada@example.com/sendMail",
            "body": {"message": {"subject": "Hi", "toRecipients": [{"emailAddress": {"address": "bob@example.com"}}]}},
        },
        "POST /v1.0/users/ada@example.com/sendMail",
        BEARER,
        {"message": {"subject": "Hi", "toRecipients": [{"emailAddress": {"address": "bob@example.com"}}]}},
        None,
        "={status: response.status, body: response.body}",
        {"status": 200, "body": None},
    ),
    TemplateOnly(
        "openai",
        "https://platform.openai.com/docs/api-reference/chat/create",
        {
            "authentication": _bearer(),
            "method": "POST",
            "url": "{base}/v1/chat/completions",
            "headers": {"OpenAI-Organization": None},
            "body": {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "n": 1},
        },
        "POST /v1/chat/completions",
        BEARER,
        {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "n": 1},
        {"choices": [{"message": {"content": "Hello"}}], "usage": {"total_tokens": 9}},
        "={tokens: response.body.usage.total_tokens}",
        {"tokens": 9},
    ),
    TemplateOnly(
        "operate",
        "https://docs.camunda.io/docs/apis-tools/operate-api/overview/",
        {
            "authentication": _oauth(audience="operate.camunda.io", clientAuthentication="basicAuthHeader"),
            "method": "POST",
            "url": "{base}/v1/process-instances/search",
            "body": {"filter": {"state": "ACTIVE"}, "size": 50},
        },
        "POST /v1/process-instances/search",
        ISSUED,
        {"filter": {"state": "ACTIVE"}, "size": 50},
        {"items": [{"key": 2251799813685249}]},
        "={keys: response.body.items.key}",
        {"keys": [2251799813685249]},
    ),
    TemplateOnly(
        "orchestration-cluster-api",
        "https://docs.camunda.io/docs/apis-tools/orchestration-cluster-api-rest/specifications/create-process-instance/",
        {
            "authentication": _basic("demo", "demo"),
            "method": "POST",
            "url": "{base}/v2/process-instances",
            "body": {"processDefinitionId": "order", "variables": {"id": 7}, "tags": []},
        },
        "POST /v2/process-instances",
        {"Authorization": "Basic ZGVtbzpkZW1v"},
        {"processDefinitionId": "order", "variables": {"id": 7}, "tags": []},
        {"processInstanceKey": "2251799813685249"},
        "={key: response.body.processInstanceKey}",
        {"key": "2251799813685249"},
    ),
    TemplateOnly(
        "power-automate",
        "https://learn.microsoft.com/en-us/power-automate/oauth-authentication",
        {
            "authentication": _oauth(scopes="https://service.flow.microsoft.com//.default"),
            "method": "POST",
            "url": "{base}/workflows/f1/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun",
            "body": {"order": 7},
        },
        "POST /workflows/f1/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun",
        ISSUED,
        {"order": 7},
        {"ok": True},
        "={ok: response.body.ok}",
        {"ok": True},
    ),
    TemplateOnly(
        "salesforce",
        "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm",
        {
            "authentication": _oauth(),
            "method": "GET",
            "url": "{base}/services/data/v58.0/query",
            "queryParameters": {"q": "SELECT Name FROM Account WHERE Name = 'A&B'"},
        },
        "GET /services/data/v58.0/query?q=SELECT%20Name%20FROM%20Account%20WHERE%20Name%20%3D%20%27A%26B%27",
        ISSUED,
        "",
        {"totalSize": 1, "records": [{"Name": "A&B"}]},
        "={names: response.body.records.Name}",
        {"names": ["A&B"]},
    ),
    TemplateOnly(
        "servicenow",
        "https://www.servicenow.com/docs/bundle/xanadu-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html",
        {
            "authentication": _basic("admin"),
            "method": "GET",
            "url": "{base}/api/now/table/task",
            "headers": {"Accept": "application/json"},
            "queryParameters": {"sysparm_limit": 1, "sysparm_query": "active=true^ORDERBYnumber"},
        },
        "GET /api/now/table/task?sysparm_limit=1&sysparm_query=active%3Dtrue%5EORDERBYnumber",
        {"Authorization": "Basic YWRtaW46cC0x", "Accept": "application/json"},
        "",
        {"result": [{"number": "TASK1"}]},
        "={first: response.body.result[1].number}",
        {"first": "TASK1"},
    ),
    TemplateOnly(
        "servicenow-flow-starter",
        "https://www.servicenow.com/docs/bundle/xanadu-integrate-applications/page/administer/integrationhub/concept/rest-trigger.html",
        {
            "authentication": _basic("admin"),
            "method": "POST",
            "url": "{base}/api/acme/start_flow",
            "body": {"flow": "onboarding", "inputs": {"name": "Ada"}},
        },
        "POST /api/acme/start_flow",
        {"Authorization": "Basic YWRtaW46cC0x"},
        {"flow": "onboarding", "inputs": {"name": "Ada"}},
        {"result": {"executionId": "e-1"}},
        "={execution: response.body.result.executionId}",
        {"execution": "e-1"},
    ),
    TemplateOnly(
        "servicenow-incident",
        "https://www.servicenow.com/docs/bundle/xanadu-api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html",
        {
            "authentication": _basic("admin"),
            "method": "PUT",
            "url": "{base}/api/now/table/incident/i-1",
            "body": {"state": "6", "close_notes": "done"},
        },
        "PUT /api/now/table/incident/i-1",
        {"Authorization": "Basic YWRtaW46cC0x"},
        {"state": "6", "close_notes": "done"},
        {"result": {"sys_id": "i-1"}},
        "={incident: response.body.result.sys_id}",
        {"incident": "i-1"},
    ),
    TemplateOnly(
        "twilio",
        "https://www.twilio.com/docs/messaging/api/message-resource#create-a-message",
        {
            "authentication": _basic("AC1"),
            "method": "POST",
            "url": "{base}/2010-04-01/Accounts/AC1/Messages.json",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            "body": {"To": "+15558675310", "From": "+15017122661", "Body": "Hi there"},
        },
        "POST /2010-04-01/Accounts/AC1/Messages.json",
        {"Authorization": "Basic QUMxOnAtMQ==", "Content-Type": "application/x-www-form-urlencoded"},
        "To=%2B15558675310&From=%2B15017122661&Body=Hi+there",
        {"sid": "SM1", "status": "queued"},
        "={sid: response.body.sid}",
        {"sid": "SM1"},
    ),
    TemplateOnly(
        "uipath",
        "https://docs.uipath.com/orchestrator/automation-cloud/latest/api-guide/queue-items-requests",
        {
            "authentication": _oauth(scopes="OR.Queues", clientAuthentication="basicAuthHeader"),
            "method": "POST",
            "url": "{base}/acme/prod/odata/Queues/UiPathODataSvc.AddQueueItem",
            "headers": {"X-UIPATH-OrganizationUnitId": 117},
            "body": {"itemData": {"Priority": "High", "Name": "orders", "SpecificContent": {"id": 7}}},
        },
        "POST /acme/prod/odata/Queues/UiPathODataSvc.AddQueueItem",
        ISSUED | {"X-UIPATH-OrganizationUnitId": "117"},
        {"itemData": {"Priority": "High", "Name": "orders", "SpecificContent": {"id": 7}}},
        {"Id": 5, "Status": "New"},
        "={item: response.body.Id}",
        {"item": 5},
    ),
    TemplateOnly(
        "whatsapp",
        "https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages",
        {
            "authentication": _bearer(),
            "method": "POST",
            "url": "{base}/v15.0/106/messages",
            "body": {"messaging_product": "whatsapp", "to": "16505551234", "type": "text", "text": {"body": "Grüße 😀"}},
        },
        "POST /v15.0/106/messages",
        BEARER,
        {"messaging_product": "whatsapp", "to": "16505551234", "type": "text", "text": {"body": "Grüße 😀"}},
        {"messages": [{"id": "wamid.1"}]},
        "={message: response.body.messages[1].id}",
        {"message": "wamid.1"},
    ),
)
