package labeler.policy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import labeler.selinux.SelinuxHost;

/**
 * What is installed, and whether anything enforces it.
 *
 * @param installed the one that counts first
 * @param mode of the running kernel; {@code INACTIVE} for the policy of another root directory
 * @param booleans their values, empty where the module is not installed
 */
public record PolicyStatus(
        ShippedModule shipped,
        List<InstalledModule> installed,
        ModuleState state,
        SelinuxHost.Mode mode,
        Map<String, Boolean> booleans) {
    public PolicyStatus {
        installed = List.copyOf(installed);
        booleans = Collections.unmodifiableMap(new LinkedHashMap<>(booleans));
    }
}
