package labeler.policy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import labeler.selinux.SelinuxHost;

/**
 * The installed module, and whether the kernel enforces it.
 *
 * @param installed the modules, the one that counts first
 * @param mode the running kernel's mode; {@code INACTIVE} for the policy of another root directory
 * @param booleans values of our booleans; empty if the module is not installed
 * @param opening booleans of other policies that are on and let every VM open files without labels by name
 */
public record PolicyStatus(
        ShippedModule shipped,
        List<InstalledModule> installed,
        ModuleState state,
        SelinuxHost.Mode mode,
        Map<String, Boolean> booleans,
        List<String> opening) {
    public PolicyStatus {
        installed = List.copyOf(installed);
        opening = List.copyOf(opening);
        booleans = Collections.unmodifiableMap(new LinkedHashMap<>(booleans));
    }
}
