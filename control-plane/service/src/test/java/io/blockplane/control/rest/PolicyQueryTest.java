package io.blockplane.control.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.events.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyQueryTest {

    private static final JsonNode ENTRY =
            Json.parse(
                            """
                            {"name":"scaler","version":"1.2","tags":["gpu","llm"],"rank":3,
                            "metadata":{"owner":{"name":"ann"},"price":2.5,"none":null},
                            "uses":[{"id":"a","n":1},{"id":"b","n":5}]}
                            """)
                    .node();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'name':'scaler'}",
                "{'rank':3.0}",
                "{'metadata.owner.name':'ann'}",
                "{'metadata.owner':{'name':'ann'}}",
                "{'tags':'llm'}",
                "{'tags':['gpu','llm']}",
                "{'tags.1':'llm'}",
                "{'uses.id':'b'}",
                "{'uses.0.n':1}",
                "{'metadata.none':null}",
                "{'missing':null}",
                "{'missing':{'$ne':1}}",
                "{'missing':{'$nin':[1,2]}}",
                "{'missing':{'$exists':false}}",
                "{'metadata.none':{'$exists':true}}",
                "{'name':{'$in':['x','scaler']}}",
                "{'tags':{'$nin':['cpu']}}",
                "{'metadata.price':{'$gt':2,'$lte':2.5}}",
                "{'version':{'$gte':'1.1','$lt':'1.3'}}",
                "{'uses.n':{'$gt':4}}",
                "{'name':{'$regex':'^SCA','$options':'i'}}",
                "{'tags':{'$regex':'^l'}}",
                "{'name':{'$not':{'$regex':'x'}}}",
                "{'$or':[{'name':'x'},{'rank':{'$gte':3}}]}",
                "{'$and':[{'name':'scaler'},{'$nor':[{'rank':4}]}]}"
            })
    void finds(String filter) {
        assertThat(PolicyQuery.of(json(filter)).test(ENTRY)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'name':'x'}",
                "{'name':'scaler','rank':4}",
                "{'rank':'3'}",
                "{'rank':{'$gt':'2'}}",
                "{'metadata.owner':'ann'}",
                "{'metadata.none':{'$exists':false}}",
                "{'tags':{'$ne':'llm'}}",
                "{'tags':{'$nin':['llm']}}",
                "{'missing':{'$gt':0}}",
                "{'missing':{'$in':[1]}}",
                "{'name':{'$regex':'SCA'}}",
                "{'name':{'$not':{'$eq':'scaler'}}}",
                "{'$nor':[{'name':'scaler'}]}"
            })
    void findsNot(String filter) {
        assertThat(PolicyQuery.of(json(filter)).test(ENTRY)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{'$where':'1'}; $where: \"$where\" (expected: a field, or one of",
                "{'a':{'$size':2}}; a: \"$size\" (expected: one of [$eq, $exists,",
                "{'a':{'$in':3}}; a.$in: 3 (expected: a list of values)",
                "{'a':{'$gt':1,'b':2}}; a: {\"$gt\":1,\"b\":2} (expected: either operators",
                "{'$or':[]}; $or: [] (expected: a list of filters",
                "{'$or':[3]}; $or[0]: 3 (expected: a filter",
                "{'a':{'$exists':'no'}}; a.$exists: \"no\" (expected: true or false)",
                "{'a':{'$regex':'('}}; a.$regex: \"(\" (expected: a regular expression",
                "{'a':{'$regex':'x','$options':'q'}}; a.$regex.$options: \"q\" (expected: some of",
                "{'a':{'$options':'i'}}; a.$options: \"i\" (expected: a $regex beside it)",
                "{'a':{'$not':3}}; a.$not: 3 (expected: an object of operators)"
            })
    void refusesByNameWhatItDoesNotKnow(String filter, String message) {
        assertThatThrownBy(() -> PolicyQuery.of(json(filter))).hasMessageStartingWith(message);
    }

    @Test
    void refusesWhatIsTooDeepOrTooMuch() {
        String deep = "{'$and':[".repeat(20) + "{'a':1}" + "]}".repeat(20);
        assertThatThrownBy(() -> PolicyQuery.of(json(deep)))
                .hasMessageContaining("at most " + PolicyQuery.DEPTH + " levels");
        String much = "{'$or':[" + "{'a':1},".repeat(PolicyQuery.CONDITIONS) + "{'a':1}]}";
        assertThatThrownBy(() -> PolicyQuery.of(json(much))).hasMessageContaining("conditions");
    }

    @Test
    void refusesARegexThatBacktracksWithoutEnd() {
        JsonNode entry = Json.parse("{\"a\":\"" + "a".repeat(40) + "!\"}").node();
        var filter = PolicyQuery.of(json("{'a':{'$regex':'(.*a){18}b'}}"));
        assertThatThrownBy(() -> filter.test(entry)).hasMessageContaining("backtrack");
    }

    private static JsonNode json(String singleQuoted) {
        return Json.parse(singleQuoted.replace('\'', '"')).node();
    }
}
