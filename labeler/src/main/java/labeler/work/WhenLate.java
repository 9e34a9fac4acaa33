package labeler.work;

/**
 * The fate of the items of a file system that have not had their turn when it has let their asker wait too long, and
 * the asker has gone.
 */
public enum WhenLate {
    /**
     * They are left as they are. Others may have the files by now, and what was right for the asker may be wrong for them.
     */
    END,

    /**
     * They have their turn as soon as the file system answers. For an asker that has seen to it that nobody else takes
     * these files up before that.
     */
    GO_ON
}
