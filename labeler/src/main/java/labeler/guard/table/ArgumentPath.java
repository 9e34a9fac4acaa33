package labeler.guard.table;

/**
 * A text somewhere among a command's arguments.
 *
 * @param owner the command, or the type that several commands share
 * @param path from there: {@code .NAME} for a member, {@code []} for an element, {@code {WORD}} for the variant that a
 *     union's tag has chosen, {@code |} for the text where there could be an object in its place
 */
public record ArgumentPath(String owner, String path) {
    ArgumentPath member(String name) {
        return new ArgumentPath(owner, path + "." + name);
    }

    ArgumentPath element() {
        return new ArgumentPath(owner, path + "[]");
    }

    ArgumentPath variant(String word) {
        return new ArgumentPath(owner, path + "{" + word + "}");
    }

    ArgumentPath alternative() {
        return new ArgumentPath(owner, path + "|");
    }

    @Override
    public String toString() {
        return owner + " " + path;
    }
}
