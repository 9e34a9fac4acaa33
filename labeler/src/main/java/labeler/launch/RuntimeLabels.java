package labeler.launch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.ExtendedAttributes;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/** Labels runtime directories with the first type that the loaded policy knows. */
public final class RuntimeLabels implements RuntimeDirectories.Labelling {
    /** The types in which VMs may make sockets: refpolicy's (Debian), then Fedora's. */
    private static final List<String> TYPES = List.of("svirt_runtime_t", "qemu_var_run_t");

    private final SafeOpen open;
    private final ExtendedAttributes attributes;

    public RuntimeLabels(SafeOpen open, ExtendedAttributes attributes) {
        this.open = open;
        this.attributes = attributes;
    }

    @Override
    public void label(Path directory, SecurityContext image) throws IOException {
        HostPath path = HostPath.of(directory);
        OpenOutcome outcome = open.open(path, OpenRequest.DIRECTORY);
        switch (outcome) {
            case OpenRefusal refusal -> throw new IOException(path + ": " + refusal.detail());
            case OpenedFile opened -> {
                try (opened) {
                    label(opened, image);
                }
            }
        }
    }

    private void label(OpenedFile directory, SecurityContext image) throws IOException {
        for (String type : TYPES) {
            SecurityContext context = new SecurityContext(image.user(), image.role(), type, image.level());
            try {
                attributes.set(
                        directory,
                        AttributeName.SECURITY_SELINUX,
                        StoredLabel.of(context).bytes());
                return;
            } catch (LinuxException e) {
                // EINVAL: the policy does not know the type.
                if (e.errno() != Errno.EINVAL) {
                    throw e;
                }
            }
        }
        throw new IOException(directory + ": the policy knows none of the types " + String.join(", ", TYPES));
    }
}
