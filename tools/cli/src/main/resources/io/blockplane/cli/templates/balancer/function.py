"""Keeps a session with its instance, and spreads new sessions one after the other."""


class AIOSv1PolicyRule:
    def __init__(self, rule_id, settings, parameters):
        self.most_sessions = parameters["most_sessions"]
        self.instance_of = {}
        self.next = 0

    def eval(self, parameters, input_data, context):
        if input_data["mode"] != "load_balance":
            return {"sessions": len(self.instance_of)}
        instances = input_data["instances"]
        session = input_data["packet"].session_id
        chosen = self.instance_of.get(session)
        if chosen not in instances:
            chosen = instances[self.next % len(instances)]
            self.next += 1
            if len(self.instance_of) >= self.most_sessions:
                self.instance_of.pop(next(iter(self.instance_of)))
            self.instance_of[session] = chosen
        return {"instance_id": chosen}

    def management(self, action, data):
        if action == "get_current_mapping":
            return self.instance_of
        if action == "forget":
            self.instance_of.clear()
            return {"forgotten": True}
        raise ValueError(f"action: {action} (expected: get_current_mapping or forget)")
