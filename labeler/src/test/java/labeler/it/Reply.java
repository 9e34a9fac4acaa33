package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import labeler.json.Json;
import labeler.json.Json.JsonObject;

/** An answer of the service. */
record Reply(int status, JsonObject body) {
    String text(String member) {
        return body.text(member).orElseThrow(() -> new AssertionError("no " + member + " in " + body));
    }

    long number(String member) {
        return body.number(member).orElseThrow(() -> new AssertionError("no " + member + " in " + body));
    }

    List<JsonObject> elements(String member) {
        return body.elements(member).stream().map(Reply::object).toList();
    }

    Reply ok() {
        assertThat(status).as("%s", body).isEqualTo(200);
        return this;
    }

    static JsonObject object(Json value) {
        return value instanceof JsonObject object ? object : new JsonObject(java.util.Map.of());
    }

    /** The one element with this path. */
    JsonObject about(String member, java.nio.file.Path path) {
        return elements(member).stream()
                .filter(element -> element.text("path").orElse("").equals(path.toString()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing about " + path + " in " + body));
    }

    String outcome(java.nio.file.Path path) {
        return about("reports", path).text("outcome").orElse("");
    }
}
