package labeler.disk;

import java.util.List;
import java.util.Optional;
import labeler.disk.Instruction.NotPossible;
import labeler.disk.Instruction.WhenReady;
import labeler.json.Json;
import labeler.json.Json.ObjectBuilder;

/**
 * The content of the images below a disk's own is copied into that one, and they leave the chain.
 *
 * @param base the uppermost image that stays below; empty if none stays
 * @param speed bytes a second; 0 for no limit
 */
public record StreamIn(Optional<LayerName> base, long speed) implements Operation {
    @Override
    public Instruction.Result instruction(Drive drive, Names names) {
        return withMedium(drive, root -> into(drive, root, names));
    }

    private Instruction.Result into(Drive drive, String root, Names names) {
        List<Layer> chain = drive.chain();
        Optional<Integer> until = base.isEmpty() ? Optional.of(chain.size()) : drive.index(base.get());
        if (until.isEmpty()) {
            return Chains.unknown(drive, base.orElseThrow());
        }
        if (until.get() < 2) {
            return new NotPossible(
                    "disk " + drive.shown() + " has no image between to stream from" + Chains.list(drive));
        }
        List<Layer> leaving = chain.subList(1, until.get());
        ObjectBuilder arguments = Json.object()
                .put("job-id", names.job(word()))
                .put("device", root)
                .put("speed", speed);
        if (base.isPresent()) {
            Chains.name(arguments, "base", chain.get(until.get()));
        }
        return Operation.possible(
                drive,
                new Instruction(
                        "block-stream",
                        arguments.build(),
                        Optional.of(names.job(word())),
                        WhenReady.NOTHING,
                        Optional.empty(),
                        Optional.of(after -> leaving.stream().noneMatch(after::hasFile)),
                        "streamed into " + chain.getFirst().file() + "; " + Chains.files(leaving)
                                + " no longer used by this disk"));
    }
}
