package labeler.guard.table;

/**
 * A text somewhere among a command's arguments.
 *
 * @param owner the command, or the type that several commands share
 * @param path from there: {@code .NAME} for a member, {@code []} for an element, {@code {WORD}} for the variant that a
 *     union's tag has chosen, {@code |} for the text where there could be an object in its place
 */
public record Argument(String owner, String path) {
    Argument member(String name) {
        return new Argument(owner, path + "." + name);
    }

    Argument element() {
        return new Argument(owner, path + "[]");
    }

    Argument variant(String word) {
        return new Argument(owner, path + "{" + word + "}");
    }

    Argument alternative() {
        return new Argument(owner, path + "|");
    }

    @Override
    public String toString() {
        return owner + " " + path;
    }
}
