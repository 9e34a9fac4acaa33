package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import labeler.fileset.FileSet;
import labeler.launch.LocalCopies;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.plan.VmContexts;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.vm.VmName;

/** What is made for a VM to be launched with: its runtime directory, and in it copies of what qemu reads by name. */
public final class LaunchFiles {
    private final RuntimeDirectories runtime;
    private final LocalCopies copies;
    private final SelinuxHost selinux;

    @Inject
    LaunchFiles(RuntimeDirectories runtime, LocalCopies copies, SelinuxHost selinux) {
        this.runtime = runtime;
        this.copies = copies;
        this.selinux = selinux;
    }

    /** Where the directory is, or would be. */
    Path path(VmName name) {
        return runtime.path(name);
    }

    /** Makes the directory where one is needed; answers why there is none. */
    Optional<Problem> make(StartRequest request, VmContexts contexts) {
        return request.launch() == StartRequest.Launch.RUN
                ? runtime.create(
                        request.name(),
                        label(contexts.image()),
                        request.owner().uid(),
                        request.owner().gid())
                : Optional.empty();
    }

    void remove(VmName name) {
        runtime.remove(name);
    }

    /** Makes the copies; answers why there is one that is not made. */
    Optional<Problem> copy(DescriptorHandover.Possible handover, FileSet files, VmContexts contexts) {
        for (Map.Entry<HostPath, HostPath> copy : handover.copies().entrySet()) {
            OpenedFile source = files.named(copy.getKey())
                    .orElseThrow(() -> new IllegalStateException(copy.getKey() + " is not in the file set"));
            try {
                copies.make(source, copy.getValue().jdkPath(), label(contexts.content()));
            } catch (IOException e) {
                return Optional.of(Problem.of(
                        Problem.Kind.LABELS_UNAVAILABLE,
                        copy.getKey(),
                        "qemu reads it by its name, and it cannot be copied (" + e.getMessage() + ")"));
            }
        }
        return Optional.empty();
    }

    private Optional<SecurityContext> label(SecurityContext context) {
        return Optional.of(context).filter(_ -> selinux.isActive());
    }
}
