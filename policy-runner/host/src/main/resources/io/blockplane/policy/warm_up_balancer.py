# Does what most balancers do: looks a session up, and asks for metrics and chance when it is new.
import random


class AIOSv1PolicyRule:
    def __init__(self, rule_id, settings, parameters):
        self.get_metrics = settings["get_metrics"]
        self.sessions = {}

    def eval(self, parameters, input_data, context):
        packet = input_data["packet"]
        if len(self.sessions) > 50:
            self.sessions.clear()
        if packet.session_id not in self.sessions:
            self.get_metrics()
            self.sessions[packet.session_id] = random.choice(input_data["instances"])
        return {"instance_id": self.sessions[packet.session_id]}

    def management(self, action, data):
        return {"status": "ok"}
