package labeler.chain.format.vmdk;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import labeler.chain.FileName;
import labeler.chain.Problem;
import labeler.chain.format.ParseResult.Note;

/** The name of the parent, as qemu's {@code vmdk_parent_open} cuts it out of the text. */
sealed interface ParentHint {
    String KEY = "parentFileNameHint";

    /** The key, its NUL and one more byte: the distance of the value from the key's start, with any bytes between. */
    int VALUE_AFTER = KEY.length() + 2;

    /** qemu keeps names in 1024 bytes, the NUL included. */
    int MAX_NAME = 1023;

    record None(List<Note> notes) implements ParentHint {
        public None {
            notes = List.copyOf(notes);
        }
    }

    record Named(FileName name) implements ParentHint {}

    record Refused(String reason) implements ParentHint {}

    static ParentHint in(ByteBuffer bytes) {
        byte[] array = new byte[bytes.limit()];
        bytes.get(0, array);
        String all = new String(array, StandardCharsets.ISO_8859_1);
        int nul = all.indexOf('\0');
        String text = nul < 0 ? all : all.substring(0, nul);
        int key = text.indexOf(KEY);
        if (key < 0) {
            return new None(
                    all.contains(KEY)
                            ? List.of(new Note(
                                    Problem.Kind.FORMAT_MISMATCH,
                                    "it has a " + KEY + " behind the end of its descriptor, where qemu does not look"))
                            : List.of());
        }
        // The value may begin behind a NUL that follows the key, but ends before the next one.
        int start = Math.min(all.length(), key + VALUE_AFTER);
        int end = all.indexOf('"', start);
        int stop = all.indexOf('\0', start);
        if (end < 0 || (stop >= 0 && stop < end)) {
            return new Refused("the value of its " + KEY + " has no closing quote");
        }
        if (end - start > MAX_NAME) {
            return new Refused("the value of its " + KEY + " is longer than " + MAX_NAME + " bytes");
        }
        return end == start
                ? new None(List.of())
                : new Named(FileName.of(all.substring(start, end).getBytes(StandardCharsets.ISO_8859_1)));
    }
}
