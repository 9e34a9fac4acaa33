package labeler.api;

import labeler.selinux.SelinuxHost;

/**
 * The answer of a service that works.
 *
 * @param status always {@value #OK}
 * @param enforcement required or optional
 * @param recovered whether what an earlier service left is given back
 * @param vms that are held
 */
public record HealthAnswer(
        String status, String version, String enforcement, SelinuxHost.Mode selinux, boolean recovered, int vms) {
    public static final String OK = "ok";
}
