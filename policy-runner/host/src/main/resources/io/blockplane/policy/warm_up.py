# Imports what most policies import, and calls what most policies call.
import datetime
import json
import logging
import math
import random
import time
from typing import Any, Dict

logging.basicConfig(level=logging.INFO)


class AIOSv1PolicyRule:
    def __init__(self, rule_id: str, settings: Dict[str, Any], parameters: Dict[str, Any]):
        self.settings = settings
        self.parameters = parameters
        self.log = logging.getLogger("warm-up")

    def eval(self, parameters, input_data, context):
        metrics = self.settings["get_metrics"]()
        chosen = random.random() + time.time() + math.sqrt(2)
        moment = datetime.datetime.now().isoformat()
        self.log.info(f"{moment} {chosen:.2f} {json.dumps(metrics)}")
        return {"skip": True, "reason": "warm-up"}

    def management(self, action, data):
        return {"status": "ok"}
