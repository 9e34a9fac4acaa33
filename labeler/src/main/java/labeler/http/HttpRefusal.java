package labeler.http;

import labeler.json.Json.JsonObject;

/** An answer that is no success, whoever gives it. */
public interface HttpRefusal {
    int httpStatus();

    /** One line for people. */
    String message();

    /** The body: {@code kind}, {@code message} and {@code problems}. */
    JsonObject json();
}
