package labeler.survey.look;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.selinux.AccessDecisions;
import labeler.selinux.Level;
import labeler.selinux.ObjectClass;
import labeler.selinux.Permission;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.survey.ProcessWall;

/**
 * The wall that keeps a process from other VMs' files, by the kernel's own answer. A process's Landlock ruleset is to
 * be seen nowhere: labeler knows those of its own VMs.
 *
 * @param image the context of files that a VM writes
 */
record WallLook(Processes processes, SelinuxHost.Mode mode, AccessDecisions kernel, SecurityContext image) {
    /** AppArmor's form: the name of a profile, and whether it denies. */
    private static final Pattern PROFILE = Pattern.compile("(.{1,255}) \\((enforce|kill)\\)");

    /** Why a wall or a pair is not known. */
    static final String NOT_SEEN = "its context is not to be seen";

    /** The context, if SELinux gives one that can be seen. */
    Optional<SecurityContext> context(Pid pid) {
        try {
            return hasPairs() ? text(pid).flatMap(SecurityContext::parse) : Optional.empty();
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }

    /** Whether processes have contexts here, and so pairs. */
    boolean hasPairs() {
        return mode != SelinuxHost.Mode.INACTIVE;
    }

    private Optional<String> text(Pid pid) throws LinuxException {
        return processes.context(pid).map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1).strip());
    }

    ProcessWall of(Pid pid) {
        ProcessWall wall = seen(pid);
        return wall instanceof ProcessWall.Missing && ProcessLook.hasEnded(processes, pid)
                ? new ProcessWall.Unknown("it ended while it was looked at")
                : wall;
    }

    private ProcessWall seen(Pid pid) {
        try {
            return switch (mode) {
                case INACTIVE -> byProfile(text(pid));
                case PERMISSIVE -> new ProcessWall.Missing("SELinux is permissive and denies it nothing");
                case ENFORCING ->
                    text(pid)
                            .flatMap(SecurityContext::parse)
                            .map(this::bySelinux)
                            .orElseGet(() -> new ProcessWall.Unknown(NOT_SEEN));
            };
        } catch (LinuxException e) {
            // It may have a profile of AppArmor's, or a context.
            return new ProcessWall.Unknown(NOT_SEEN);
        }
    }

    private static ProcessWall byProfile(Optional<String> text) {
        return text.filter(found -> PROFILE.matcher(found).matches()).isPresent()
                ? new ProcessWall.Stands("AppArmor")
                : new ProcessWall.Missing("SELinux is not active, and nothing else is known to confine it");
    }

    /** A process that may read what belongs to another VM's pair is confined by no label. */
    private ProcessWall bySelinux(SecurityContext context) {
        try {
            Set<Permission> allowed =
                    kernel.allowed(context, image.at(Level.ofAnother(context.level())), ObjectClass.FILE);
            return allowed.contains(Permission.READ) || allowed.contains(Permission.WRITE)
                    ? new ProcessWall.Missing("it runs at " + context + ", where SELinux lets it open every VM's files")
                    : new ProcessWall.Stands("SELinux");
        } catch (IOException e) {
            return new ProcessWall.Unknown("the kernel does not say what " + context + " may do");
        }
    }
}
