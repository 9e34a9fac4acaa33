package labeler.api;

import java.util.Optional;
import labeler.json.Inlined;
import labeler.json.LeftOut;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;

/**
 * The answer to a start: the VM.
 *
 * @param descriptorSocket where a launcher fetches what is handed over, if anything is
 */
public record StartAnswer(@Inlined VmView vm, @LeftOut Optional<HostPath> descriptorSocket) {
    public static StartAnswer of(VmView vm, HostPath descriptorSocket) {
        return new StartAnswer(vm, vm.rewritten().map(_ -> descriptorSocket));
    }
}
