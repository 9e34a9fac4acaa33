package labeler.view;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import labeler.json.Inlined;
import labeler.json.MemberName;
import labeler.policy.InstalledModule;
import labeler.policy.PolicyStatus;
import labeler.policy.ShippedModule;

/**
 * The state of the policy module, for programs.
 *
 * @param opening booleans of other policies that let every VM open files without labels
 * @param changes the changes that were made, one line each
 */
public record PolicyAnswer(
        @Inlined Module module,
        List<InstalledModule> installed,
        List<SetBoolean> booleans,
        List<String> opening,
        List<String> changes) {
    /**
     * The module on this host.
     *
     * @param module its name
     * @param state a word of {@link labeler.policy.ModuleState}
     * @param selinux a word of the kernel's mode: {@code enforcing}
     */
    public record Module(String module, String state, String selinux, Shipped shipped) {}

    /** The module that comes with this program. */
    public record Shipped(Path path, String sha256) {}

    /** A boolean of the module, as it is set now. */
    public record SetBoolean(
            String name,
            boolean value,
            @MemberName("default") boolean byDefault) {}

    public PolicyAnswer {
        installed = List.copyOf(installed);
        booleans = List.copyOf(booleans);
        opening = List.copyOf(opening);
        changes = List.copyOf(changes);
    }

    public static PolicyAnswer of(List<String> changes, PolicyStatus status) {
        ShippedModule shipped = status.shipped();
        Map<String, Boolean> defaults = shipped.booleans();
        return new PolicyAnswer(
                new Module(
                        ShippedModule.NAME,
                        status.state().word(),
                        status.mode().name().toLowerCase(Locale.ROOT),
                        new Shipped(shipped.file(), shipped.sha256())),
                status.installed(),
                status.booleans().entrySet().stream()
                        .map(set -> new SetBoolean(
                                set.getKey(), set.getValue(), defaults.getOrDefault(set.getKey(), false)))
                        .toList(),
                status.opening(),
                changes);
    }
}
