package labeler.lifecycle.acquisition;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.fileset.FileSet;
import labeler.fileset.OtherNames;
import labeler.fileset.VmFile;
import labeler.lifecycle.hold.Holdings;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.problem.Problem;
import labeler.vm.VmName;

/**
 * Files in a tree of another VM, and trees around such files, under names that do not show it: a bind mount. Only names
 * and inodes above a file are looked at; the walk through a tree looks at the inodes in it.
 */
final class NearbyTrees {
    private final Holdings holdings;
    private final List<Place> places = new ArrayList<>();

    /**
     * The place of a file.
     *
     * @param above device and inode of each directory above it
     * @param names on other mounts
     */
    private record Place(VmFile file, Set<FileIdentity> above, List<HostPath> names) {}

    NearbyTrees(Holdings holdings) {
        this.holdings = holdings;
    }

    /** Looks where the files are. Runs without the lock; costs nothing where no VM has a tree. */
    void look(FileSet files, Linux linux) {
        OtherNames otherNames = OtherNames.on(linux);
        boolean hasTrees = holdings.hasTrees();
        for (VmFile file : files.files()) {
            if (file.leaveReason().isEmpty() && (hasTrees || file.isTree())) {
                file.file()
                        .ifPresent(found -> places.add(
                                new Place(file, linux.open().above(found.realPath()), otherNames.of(found))));
            }
        }
    }

    /** The problems in the way now. Needs the lock. */
    List<Problem> problems() {
        return places.stream().flatMap(place -> inTheWay(place).stream()).toList();
    }

    private Optional<Problem> inTheWay(Place place) {
        Optional<VmName> vm = place.names().stream()
                .flatMap(name -> holdings.around(name, place.file().isTree()).stream())
                .findFirst();
        return vm.or(() -> holdings.withTree(place.above()))
                .map(found -> Problem.of(
                        Problem.Kind.IN_USE,
                        place.file().path(),
                        "by another name it is in a tree of VM " + found
                                + ", or a tree around one of its files; stop that VM, or keep trees and files apart"));
    }
}
