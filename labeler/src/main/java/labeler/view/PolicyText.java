package labeler.view;

import java.util.List;
import labeler.policy.PolicyStatus;
import labeler.policy.ShippedModule;
import labeler.selinux.SelinuxHost;

/** The state of the policy module, for people. */
public final class PolicyText {
    private final Terminal terminal;

    public PolicyText(Terminal terminal) {
        this.terminal = terminal;
    }

    /**
     * Prints the changes and then the state.
     *
     * @param asked whether a change was asked for
     */
    public void print(boolean asked, List<String> changes, PolicyStatus status) {
        changes.forEach(change -> terminal.print("changed: " + change));
        if (asked && changes.isEmpty()) {
            terminal.print("nothing to change");
        }
        terminal.print("module:  " + words(status));
        terminal.print("SELinux: " + mode(status.mode()));
        status.booleans()
                .forEach((name, value) -> terminal.print("boolean: " + name + " = " + (value ? "on" : "off")
                        + (value.equals(status.shipped().booleans().get(name)) ? "" : " (not the default)")));
        status.opening()
                .forEach(name -> terminal.print("warning: " + name
                        + " = on: every VM may open every file on such a file"
                        + " system by its name, and handing files over sets none apart there; setsebool -P " + name
                        + " off"));
        if (!changes.isEmpty() && status.mode() != SelinuxHost.Mode.INACTIVE) {
            terminal.print("A service that is running keeps the domain it has: systemctl restart labelerd.socket"
                    + " labelerd.service");
        }
    }

    private static String words(PolicyStatus status) {
        return switch (status.state()) {
            case CURRENT -> "installed, as shipped" + priority(status);
            case OTHER ->
                "installed with another content than "
                        + Terminal.safe(status.shipped().file().toString()) + priority(status)
                        + "; labeler policy install renews it";
            case DISABLED ->
                "installed, but disabled" + priority(status) + "; semodule --enable " + ShippedModule.NAME
                        + " switches it on";
            case ABSENT -> "not installed; labeler policy install does it";
        };
    }

    private static String priority(PolicyStatus status) {
        return " (priority " + status.installed().getFirst().priority() + ")";
    }

    private static String mode(SelinuxHost.Mode mode) {
        return switch (mode) {
            case INACTIVE -> "not active";
            case PERMISSIVE -> "permissive: it logs, and denies nothing";
            case ENFORCING -> "enforcing";
        };
    }
}
