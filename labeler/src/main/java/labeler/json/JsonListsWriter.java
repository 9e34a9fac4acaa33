package labeler.json;

import java.io.IOException;
import java.util.Iterator;

/** Writes an object of lists, an element at a time. The text is the same as {@link JsonWriter} makes of the whole. */
public final class JsonListsWriter implements JsonReader.TakingLists {
    private final JsonWriter writer;
    private final boolean isIndented;
    private final Appendable out;
    private boolean isFirstList = true;
    private boolean isFirstElement = true;

    public JsonListsWriter(boolean isIndented, Appendable out) {
        this.writer = new JsonWriter(isIndented);
        this.isIndented = isIndented;
        this.out = out;
    }

    /** Writes the whole object. */
    public void write(JsonLists lists) throws IOException {
        for (JsonLists.Member member : lists.members()) {
            list(member.name());
            Iterator<Json> elements = member.elements();
            while (elements.hasNext()) {
                element(elements.next());
            }
        }
        out.append(end());
    }

    @Override
    public void list(String name) throws IOException {
        StringBuilder text = new StringBuilder();
        if (isFirstList) {
            text.append('{');
        } else {
            endList(text);
            text.append(',');
        }
        writer.lineBreak(text, 1);
        JsonWriter.quote(name, text);
        out.append(text.append(isIndented ? ": [" : ":["));
        isFirstList = false;
        isFirstElement = true;
    }

    @Override
    public void element(Json element) throws IOException {
        StringBuilder text = new StringBuilder(256);
        if (!isFirstElement) {
            text.append(',');
        }
        writer.lineBreak(text, 2);
        writer.value(element, text, 2);
        out.append(text);
        isFirstElement = false;
    }

    private void endList(StringBuilder text) {
        if (!isFirstElement) {
            writer.lineBreak(text, 1);
        }
        text.append(']');
    }

    /** The text after the last element. */
    public String end() {
        StringBuilder text = new StringBuilder();
        if (isFirstList) {
            text.append('{');
        } else {
            endList(text);
            writer.lineBreak(text, 0);
        }
        return text.append('}').toString();
    }
}
