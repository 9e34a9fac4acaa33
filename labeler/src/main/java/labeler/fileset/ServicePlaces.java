package labeler.fileset;

import java.util.List;
import labeler.linux.HostPath;

/**
 * Where the files of this service itself are.
 *
 * @param directories for its state: all that is in them is the service's
 * @param programs where it is installed, and that likewise
 * @param files beside those: its sockets, its settings
 * @param runtimeDirectories the directory in one of them whose directories belong to a VM each
 */
public record ServicePlaces(
        List<HostPath> directories, List<HostPath> programs, List<HostPath> files, HostPath runtimeDirectories) {
    public ServicePlaces {
        directories = List.copyOf(directories);
        programs = List.copyOf(programs);
        files = List.copyOf(files);
    }
}
