package labeler.explain;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.fileset.FileUse;
import labeler.lifecycle.FileView;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.plan.Treatment;
import labeler.selinux.SecurityContext;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.VmName;

/**
 * Why a file is in the set of a VM.
 *
 * @param context the label that it gets; empty if it gets none
 * @param reason for its treatment
 * @param because each reference that leads to it, and below each what leads there
 * @param libvirt what libvirt's own driver does with such a file, in words
 */
public record FileReasons(
        VmName vm,
        HostPath path,
        Treatment treatment,
        Optional<SecurityContext> context,
        String reason,
        List<Step> because,
        String libvirt) {
    private static final String HEADER = "header of ";

    /** The longest chain; more layers than qemu itself takes. */
    private static final int MOST_STEPS = 1000;

    public FileReasons {
        because = List.copyOf(because);
    }

    /**
     * One reference.
     *
     * @param depth 0 for a reference to the file itself, 1 for one to what has that reference, and so on
     * @param file the file that is referred to
     * @param by the place of the reference: in the definition, or in the header of another file
     */
    public record Step(int depth, HostPath file, FileRole role, UseAccess access, String by) {}

    /** Empty if the file is not in the set. */
    public static Optional<FileReasons> of(VmView vm, HostPath path) {
        return vm.files().stream()
                .filter(file -> file.path().equals(path))
                .findFirst()
                .map(file -> {
                    List<Step> steps = new ArrayList<>();
                    steps(vm, file, 0, new HashSet<>(), steps);
                    return new FileReasons(
                            vm.vm(),
                            path,
                            file.treatment(),
                            file.context(),
                            file.reason(),
                            steps,
                            LibvirtHabits.of(file.uses(), isForAll(file)));
                });
    }

    /** Whether its label is that of no single VM: one without categories. */
    private static boolean isForAll(FileView file) {
        return file.context().filter(label -> !label.hasCategories()).isPresent();
    }

    /** Headers may lead in circles, which the plan refuses; so no file is followed twice. */
    private static void steps(VmView vm, FileView file, int depth, Set<HostPath> seen, List<Step> steps) {
        if (!seen.add(file.path())) {
            return;
        }
        for (FileUse use : file.uses()) {
            if (steps.size() >= MOST_STEPS) {
                return;
            }
            String by = use.origin().text();
            steps.add(new Step(depth, file.path(), use.role(), use.access(), by));
            if (by.startsWith(HEADER)) {
                vm.files().stream()
                        .filter(above -> above.path().printable().equals(by.substring(HEADER.length())))
                        .findFirst()
                        .ifPresent(above -> steps(vm, above, depth + 1, seen, steps));
            }
        }
    }
}
