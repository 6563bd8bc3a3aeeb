package io.blockplane.executor;

import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Readmission;
import io.blockplane.executor.core.routing.Answer;

/** Is told what a router did beside routing. Called outside its lock; must not block. */
interface RouterWatch {

    void ejected(Ejection ejection);

    void readmitted(Readmission readmission);

    /** A Predict call was refused: the queue is full, or its deadline is too near. */
    void shed(Answer.Why why);

    /** A repetition was not made at once, because the budget is used up. */
    void retryRefused();

    /** An instance was asked how busy it is. */
    void probed(boolean answered);
}
