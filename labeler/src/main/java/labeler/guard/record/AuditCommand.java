package labeler.guard.record;

/**
 * A command of a monitor's client. Its arguments are not recorded: they may hold secrets.
 *
 * @param number the number of this command for its VM
 * @param name the command's name, {@code block-commit}
 */
public record AuditCommand(long number, String name) {
    /** No command of qemu's has a longer name. A client may send anything. */
    private static final int MOST_CHARACTERS = 100;

    public AuditCommand {
        name = Bounds.text(name, MOST_CHARACTERS);
    }
}
