package labeler.lifecycle.hold;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.lifecycle.confinement.LandlockReach;
import labeler.linux.HostPath;
import labeler.plan.Plan;
import labeler.plan.PlannedFile;
import labeler.problem.Problem;
import labeler.vm.VmName;

/**
 * Directories in which qemus make nameless files. Behind Landlock alone, the right to make them is the right to all that
 * is below, so no other VM may have a file there. Two such directories do no harm to each other. But libvirt's qemus make
 * files with names in theirs, and no ruleset of ours says what those may be: such a directory counts as a file.
 */
public record OpenDirectories(Holdings holdings) {
    /**
     * The problems in the way of a start. Needs the lock.
     *
     * @param planned how the VM will be confined
     */
    public List<Problem> ofStart(VmName name, VmRecord.Confinement planned, Plan plan) {
        Stream<Problem> places = isByLandlockAlone(planned)
                ? plan.files().stream().filter(OpenDirectories::isPlace).flatMap(place -> inside(name, place))
                : Stream.empty();
        return Stream.concat(places, ofFiles(name, planned, plan).stream()).toList();
    }

    /**
     * The problems in the way of a VM's files, also of one that runs. Needs the lock.
     *
     * @param own how the VM is confined
     */
    public List<Problem> ofFiles(VmName name, VmRecord.Confinement own, Plan plan) {
        List<VmRecord> others = others(name)
                .filter(vm -> isByLandlockAlone(vm.confinement()))
                .filter(vm -> !LandlockReach.places(vm).isEmpty())
                .toList();
        return plan.files().stream()
                .filter(file -> !(isByLandlockAlone(own) && isPlace(file)))
                .flatMap(file -> around(file, others).stream())
                .toList();
    }

    private Stream<VmRecord> others(VmName name) {
        return holdings.vms().stream().filter(vm -> !vm.name().equals(name));
    }

    private static boolean isByLandlockAlone(VmRecord.Confinement confinement) {
        return confinement.landlock() && !confinement.selinux();
    }

    private static boolean isPlace(PlannedFile file) {
        return file.file().identity().isEmpty()
                && LandlockReach.isPlace(file.treatment(), file.file().uses());
    }

    private Stream<Problem> inside(VmName name, PlannedFile place) {
        return others(name)
                .flatMap(vm -> vm.files().stream()
                        .filter(hold -> !(isByLandlockAlone(vm.confinement()) && LandlockReach.isPlace(hold)))
                        .filter(hold -> realPath(hold).isBelow(place.path()))
                        .map(hold -> inTheWay(
                                place.path(),
                                "VM " + vm.name() + " has " + hold.path()
                                        + " in it, and where Landlock alone confines a VM, making nameless files in a"
                                        + " directory opens it whole; stop that VM, or keep the two apart"))
                        .limit(1))
                .limit(1);
    }

    private HostPath realPath(FileHold hold) {
        Optional<FileRecord> file =
                hold.file().isPresent() ? holdings.file(hold.file().getAsLong()) : Optional.empty();
        return file.map(FileRecord::realPath).orElseGet(hold::path);
    }

    private static Optional<Problem> around(PlannedFile file, List<VmRecord> others) {
        HostPath realPath = file.file().realPath().orElseGet(file::path);
        return others.stream()
                .flatMap(vm -> LandlockReach.places(vm).stream()
                        .filter(realPath::isBelow)
                        .map(place -> inTheWay(
                                file.path(),
                                "VM " + vm.name() + " makes nameless files in " + place
                                        + ", and Landlock alone confines it, so it can open all that is there; stop that"
                                        + " VM, or keep the two apart")))
                .findFirst();
    }

    private static Problem inTheWay(HostPath path, String message) {
        return Problem.of(Problem.Kind.IN_USE, path, message);
    }
}
