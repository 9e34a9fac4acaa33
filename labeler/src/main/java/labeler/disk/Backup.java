package labeler.disk;

import java.util.Optional;
import labeler.disk.Instruction.WhenReady;
import labeler.json.Json;
import labeler.json.Json.ObjectBuilder;

/**
 * A copy of a disk as it is when the job starts.
 *
 * @param file in full
 * @param bitmap copies only what this bitmap has marked; empty for everything
 * @param speed bytes a second; 0 for no limit
 */
public record Backup(String file, String format, Optional<String> bitmap, long speed) implements Operation {
    @Override
    public Instruction.Result instruction(Drive drive, Names names) {
        return withMedium(drive, root -> {
            ObjectBuilder arguments = Json.object()
                    .put("job-id", names.job(word()))
                    .put("device", root)
                    .put("target", file)
                    .put("format", format)
                    .put("sync", bitmap.isPresent() ? "incremental" : "full")
                    .put("mode", "absolute-paths")
                    .put("speed", speed);
            bitmap.ifPresent(name -> arguments.put("bitmap", name));
            return Operation.possible(
                    drive,
                    new Instruction(
                            "drive-backup",
                            arguments.build(),
                            Optional.of(names.job(word())),
                            WhenReady.NOTHING,
                            Optional.of(file),
                            Optional.empty(),
                            bitmap.map(name -> file + " has what bitmap " + name + " had marked")
                                    .orElse(file + " is a copy")));
        });
    }
}
