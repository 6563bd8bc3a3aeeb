import random


class AIOSv1PolicyRule:
    """A session stays where it was first sent; when instances come or go, all start anew."""

    def __init__(self, rule_id, settings, parameters):
        self.get_metrics = settings["get_metrics"]
        self.sessions = {}
        self.instances = 0

    def eval(self, parameters, input_data, context):
        instances = input_data["instances"]
        if len(instances) != self.instances:
            self.sessions.clear()
            self.instances = len(instances)
        session = input_data["packet"].session_id
        known = self.sessions.get(session)
        if known is None:
            self.get_metrics()
            known = self.sessions[session] = random.choice(instances)
        return {"instance_id": known}

    def management(self, action, data):
        return {"sessions": len(self.sessions)}
