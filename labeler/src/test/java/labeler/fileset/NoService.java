package labeler.fileset;

import java.util.List;
import labeler.linux.HostPath;

/** Places of a service that has no files. */
public final class NoService {
    public static final ServicePlaces PLACES =
            new ServicePlaces(List.of(), List.of(), List.of(), HostPath.of("/no/service/vms"));

    private NoService() {}
}
